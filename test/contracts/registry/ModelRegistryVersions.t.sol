// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {
    IModelRegistry,
    VersionInfo,
    VersionSpec,
    VersionStatus
} from "../../../contracts/interfaces/IModelRegistry.sol";
import {ModelId, VersionId} from "../../../contracts/types/Ids.sol";
import {Payment, toPayment} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {ModelRegistryFixture} from "./ModelRegistryFixture.sol";

/// @notice Versions: what publishing takes and refuses, and what it leaves to read.
contract ModelRegistryVersionsTest is ModelRegistryFixture {
    VersionId private constant UNKNOWN = VersionId.wrap(keccak256("unknown"));

    function testFuzz_publishVersion_keepsEveryField(
        uint16 major,
        uint16 minor,
        uint16 kinds,
        address token,
        uint96 amount,
        bytes32 digest,
        uint256 uriLength
    ) public {
        VersionSpec memory spec = plainSpec();
        (spec.major, spec.minor) = (major, minor);
        spec.kinds = uint16(kinds & ~uint16(1) & ~ZKML_BIT) | SIGNATURE_BIT;
        spec.manifestDigest = digest == 0 ? bytes32(uint256(1)) : digest;
        spec.uri = text(bounded(uriLength, 0, 512));
        if (amount != 0) (spec.price, spec.royaltyReceiver) = (toPayment(token, amount), RECEIVER);

        VersionId expected = registry.versionIdOf(model, major, minor);
        vm.expectEmit();
        emit IModelRegistry.VersionPublished(expected, model, spec);
        VersionId version = publish(spec);

        vm.assertTrue(version == expected, "id");
        VersionInfo memory info = registry.versionOf(version);
        assertSame(info.model, model, "model");
        vm.assertEq(uint8(info.status), uint8(VersionStatus.Active), "status");
        vm.assertEq(keccak256(abi.encode(info.spec)), keccak256(abi.encode(spec)), "spec");
        (VersionStatus status, uint16 accepted, bool priced) = registry.requestTerms(version);
        vm.assertEq(uint8(status), uint8(VersionStatus.Active), "status in the terms");
        vm.assertEq(accepted, spec.kinds, "kinds in the terms");
        vm.assertTrue(priced == (amount != 0), "priced in the terms");
        (Payment price, address receiver) = registry.royaltyOf(version);
        vm.assertEq(Payment.unwrap(price), Payment.unwrap(spec.price), "price");
        vm.assertEq(receiver, spec.royaltyReceiver, "receiver");
    }

    function testFuzz_publishVersion_reverts_whenNotOwner(address caller) public {
        vm.assume(caller != OWNER);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.NotModelOwner.selector, model, caller, OWNER));
        vm.prank(caller);
        registry.publishVersion(model, plainSpec());
    }

    function test_publishVersion_reverts_whenTheModelIsUnknown() public {
        ModelId unknown = registry.modelIdOf(OWNER, "other");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelUnknown.selector, unknown));
        vm.prank(OWNER);
        registry.publishVersion(unknown, plainSpec());
    }

    /// @dev INV-M2: a version never changes, not even to the same terms and not after it was revoked.
    function test_publishVersion_reverts_whenPublishedBefore() public {
        VersionId version = publish(plainSpec());
        bytes memory reason = abi.encodeWithSelector(IModelRegistry.VersionExists.selector, version);
        expectRefused(plainSpec(), reason);
        expectRefused(pricedSpec(), reason);
        vm.prank(OWNER);
        registry.setVersionStatus(version, VersionStatus.Revoked);
        expectRefused(plainSpec(), reason);
    }

    function testFuzz_versionIdOf_tellsVersionsApart(uint16 major, uint16 minor) public view {
        VersionId id = registry.versionIdOf(model, major, minor);
        vm.assertFalse(id == registry.versionIdOf(model, ~major, minor), "major");
        vm.assertFalse(id == registry.versionIdOf(model, major, ~minor), "minor");
        vm.assertFalse(id == registry.versionIdOf(ModelId.wrap(~ModelId.unwrap(model)), major, minor), "model");
        if (major != minor) vm.assertFalse(id == registry.versionIdOf(model, minor, major), "swapped");
    }

    function test_publishVersion_takesEachKind() public {
        for (uint16 kind = 1; kind < 16; ++kind) {
            if (kind == 5) continue;
            VersionSpec memory spec = plainSpec();
            (spec.minor, spec.kinds) = (kind, uint16(1 << kind));
            publish(spec);
        }
    }

    function testFuzz_publishVersion_reverts_whenKindsHoldKindZeroOrNone(uint16 kinds) public {
        VersionSpec memory spec = plainSpec();
        spec.kinds = kinds | 1;
        expectRefused(spec, abi.encodeWithSelector(IModelRegistry.KindsInvalid.selector, spec.kinds));
        spec.kinds = 0;
        expectRefused(spec, abi.encodeWithSelector(IModelRegistry.KindsInvalid.selector, 0));
    }

    function test_publishVersion_reverts_whenTheDigestIsZero() public {
        VersionSpec memory spec = plainSpec();
        spec.manifestDigest = 0;
        expectRefused(spec, abi.encodeWithSelector(IModelRegistry.ManifestDigestZero.selector));
    }

    function test_publishVersion_reverts_whenTheUriIsOneByteTooLong() public {
        VersionSpec memory spec = plainSpec();
        spec.uri = text(513);
        expectRefused(spec, abi.encodeWithSelector(IModelRegistry.UriTooLong.selector, 513, 512));
    }

    function test_publishVersion_reverts_whenAPriceHasNoReceiver() public {
        VersionSpec memory spec = pricedSpec();
        spec.royaltyReceiver = address(0);
        expectRefused(spec, royaltyInvalid(spec));
    }

    function test_publishVersion_reverts_whenAReceiverHasNoPrice() public {
        VersionSpec memory spec = plainSpec();
        spec.royaltyReceiver = RECEIVER;
        expectRefused(spec, royaltyInvalid(spec));
        spec.price = toPayment(address(0xC01), 0);
        expectRefused(spec, royaltyInvalid(spec));
    }

    function test_publishVersion_reverts_whenAPriceOfZeroNamesAToken() public {
        VersionSpec memory spec = plainSpec();
        spec.price = toPayment(address(0xC01), 0);
        expectRefused(spec, royaltyInvalid(spec));
    }

    function testFuzz_views_answerZerosForAnUnknownVersion(VersionId version) public view {
        (VersionStatus status, uint16 kinds, bool priced) = registry.requestTerms(version);
        vm.assertEq(uint8(status), uint8(VersionStatus.None), "status");
        vm.assertEq(kinds, 0, "kinds");
        vm.assertFalse(priced, "priced");
        (Payment price, address receiver) = registry.royaltyOf(version);
        vm.assertEq(Payment.unwrap(price), 0, "price");
        vm.assertEq(receiver, address(0), "receiver");
    }

    function test_versionOf_reverts_whenUnknown() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.VersionUnknown.selector, UNKNOWN));
        registry.versionOf(UNKNOWN);
    }

    /// @dev What the hub reads for each request costs one slot, and the royalty two.
    function test_reads_touchAsFewSlotsAsPromised() public {
        VersionId version = publish(pricedSpec());
        vm.record();
        registry.requestTerms(version);
        vm.assertEq(distinctReads(), 1, "requestTerms");
        vm.record();
        registry.royaltyOf(version);
        vm.assertEq(distinctReads(), 2, "royaltyOf");
    }

    function distinctReads() private returns (uint256 distinct) {
        (bytes32[] memory reads, ) = vm.accesses(address(registry));
        for (uint256 i = 0; i < reads.length; ++i) {
            bool seen = false;
            for (uint256 j = 0; j < i; ++j) seen = seen || reads[i] == reads[j];
            if (!seen) ++distinct;
        }
    }

    function royaltyInvalid(VersionSpec memory spec) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IModelRegistry.RoyaltyReceiverInvalid.selector, spec.royaltyReceiver, spec.price);
    }

    function text(uint256 length) private pure returns (string memory) {
        bytes memory letters = new bytes(length);
        for (uint256 i = 0; i < length; ++i) letters[i] = "x";
        return string(letters);
    }
}
