// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {VersionSpec} from "../../../contracts/interfaces/IModelRegistry.sol";
import {IZkVerifier, SetupKind} from "../../../contracts/interfaces/IZkVerifier.sol";
import {RawAnswerer} from "../../../contracts/mocks/registry/RawAnswerer.sol";
import {ModelRegistry} from "../../../contracts/registry/ModelRegistry.sol";
import {ModelId, VersionId} from "../../../contracts/types/Ids.sol";
import {Payment, toPayment} from "../../../contracts/types/Words.sol";
import {deployModelRegistry} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A registry, one model of `OWNER`, and specs that are valid until a test spoils one field.
abstract contract ModelRegistryFixture {
    uint16 internal constant SIGNATURE_BIT = 1 << 1;
    uint16 internal constant ZKML_BIT = 1 << 5;
    address internal constant OWNER = address(0xA11CE);
    address internal constant RECEIVER = address(0xB0B);

    ModelRegistry internal registry;
    ModelId internal model;

    function setUp() public virtual {
        registry = deployModelRegistry();
        vm.prank(OWNER);
        model = registry.createModel("digits");
    }

    function plainSpec() internal pure returns (VersionSpec memory) {
        return
            VersionSpec({
                major: 1,
                minor: 0,
                kinds: SIGNATURE_BIT,
                verifier: address(0),
                price: Payment.wrap(0),
                royaltyReceiver: address(0),
                manifestDigest: keccak256("manifest"),
                uri: "ipfs://manifest"
            });
    }

    function pricedSpec() internal pure returns (VersionSpec memory spec) {
        spec = plainSpec();
        spec.price = toPayment(address(0xC01), 5);
        spec.royaltyReceiver = RECEIVER;
    }

    function zkSpec(address verifier) internal pure returns (VersionSpec memory spec) {
        spec = plainSpec();
        spec.kinds = SIGNATURE_BIT | ZKML_BIT;
        spec.verifier = verifier;
    }

    function newVerifier(SetupKind setup) internal returns (RawAnswerer verifier) {
        verifier = new RawAnswerer();
        verifier.setAnswer(IZkVerifier.layout.selector, abi.encode(uint32(67), uint32(11)));
        verifier.setAnswer(IZkVerifier.setup.selector, abi.encode(setup));
        verifier.setAnswer(IZkVerifier.binding.selector, abi.encode(uint8(0)));
    }

    function publish(VersionSpec memory spec) internal returns (VersionId) {
        vm.prank(OWNER);
        return registry.publishVersion(model, spec);
    }

    /// @dev Publishing `spec` as the owner must fail with exactly `reason`.
    function expectRefused(VersionSpec memory spec, bytes memory reason) internal {
        vm.expectRevert(reason);
        publish(spec);
    }

    function assertSame(ModelId left, ModelId right, string memory message) internal pure {
        vm.assertEq(ModelId.unwrap(left), ModelId.unwrap(right), message);
    }
}
