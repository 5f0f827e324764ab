// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {SignedEvidence} from "../../../contracts/proofs/SignedEvidence.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {EvidenceSignature} from "../../../contracts/libraries/EvidenceSignature.sol";
import {PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {CURVE_ORDER, bounded, privateKey} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {SignatureAdapterFixture} from "./SignatureAdapterFixture.sol";

/// @notice INV-11 and INV-14: evidence holds for one statement, in one form.
contract SignatureAdapterMutationTest is SignatureAdapterFixture {
    function setUp() public override {
        super.setUp();
        registerNode();
    }

    /// @dev Changes each of the ten fields in turn, by `change`, never zero.
    function testFuzz_verify_reverts_whenAnyFieldOfTheStatementChanges(uint256 change) public view {
        uint160 small = uint160(bounded(change, 1, type(uint160).max));
        bytes32 wide = bytes32(bounded(change, 1, type(uint256).max - 1));
        bytes memory evidence = evidenceFor(KEY, statement());
        assertAccepted(statement(), evidence, "unchanged");
        for (uint256 field = 0; field < 10; ++field) {
            Statement memory claim = statement();
            if (field == 0) claim.chainId ^= uint256(wide);
            if (field == 1) claim.hub = flip(claim.hub, small);
            if (field == 2) claim.requestId = RequestId.wrap(RequestId.unwrap(claim.requestId) ^ wide);
            if (field == 3) claim.version = VersionId.wrap(VersionId.unwrap(claim.version) ^ wide);
            if (field == 4) claim.inputHash ^= wide;
            if (field == 5) claim.outputHash ^= wide;
            if (field == 6) claim.paramsHash ^= wide;
            if (field == 7) claim.enclavePolicy = PolicyId.wrap(PolicyId.unwrap(claim.enclavePolicy) ^ wide);
            if (field == 8) claim.requester = flip(claim.requester, small);
            if (field == 9) claim.beneficiary = flip(claim.beneficiary, small);
            vm.assertFalse(same(claim, statement()), "the field was changed");
            assertRefused(claim, evidence, "one field differs");
        }
    }

    /// @dev The beneficiary is bound by the signature itself, not only by the registry's payee.
    function test_verify_reverts_whenTheSignedBeneficiaryDiffersThoughThePayeeIsRight() public view {
        Statement memory claim = statement();
        claim.beneficiary = address(0xBAD);
        assertRefused(statement(), evidenceFor(KEY, claim), "signed for another beneficiary");
    }

    /// @dev Every bit of every byte.
    function test_verify_reverts_whenAnyBitOfTheEvidenceIsFlipped() public view {
        bytes memory evidence = evidenceFor(KEY, statement());
        for (uint256 bit = 0; bit < evidence.length * 8; ++bit) {
            bytes memory forged = bytes.concat(evidence);
            forged[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
            assertRefused(statement(), forged, "one bit differs");
        }
    }

    function testFuzz_verify_reverts_whenAnyByteOfTheEvidenceChanges(uint256 at, uint8 change) public view {
        bytes memory evidence = evidenceFor(KEY, statement());
        evidence[bounded(at, 0, 68)] ^= bytes1(uint8(bounded(change, 1, 255)));
        assertRefused(statement(), evidence, "one byte differs");
    }

    function testFuzz_verify_reverts_whenTheSelectorIsAnothers(bytes4 other) public view {
        vm.assume(other != 0x01000001);
        bytes memory evidence = evidenceFor(KEY, statement());
        for (uint256 i = 0; i < 4; ++i) evidence[i] = other[i];
        assertRefused(
            statement(),
            evidence,
            abi.encodeWithSelector(SignedEvidence.SelectorMismatch.selector, other, bytes4(0x01000001)),
            "selector"
        );
    }

    /// @dev The twin recovers to the same key, so only the check on `s` refuses it.
    function testFuzz_verify_reverts_whenSIsHigh(uint256 seed) public {
        uint256 key = privateKey(seed);
        vm.assume(key != KEY);
        registerNode(key, 1, MIN_BOND);
        bytes32 digest = this.digestOf(statement(), SELECTOR);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes32 twin = bytes32(CURVE_ORDER - uint256(s));
        vm.assertEq(ecrecover(digest, v ^ 7, r, twin), vm.addr(key), "the twin is a signature");
        assertAccepted(statement(), abi.encodePacked(SELECTOR, r, s, v), "canonical");
        assertRefused(
            statement(),
            abi.encodePacked(SELECTOR, r, twin, v ^ 7),
            abi.encodeWithSelector(EvidenceSignature.SignatureMalleable.selector),
            "twin"
        );
    }

    function test_verify_reverts_whenVIsNot27Or28() public view {
        (, bytes32 r, bytes32 s) = vm.sign(KEY, this.digestOf(statement(), SELECTOR));
        for (uint256 v = 0; v < 256; ++v) {
            if (v == 27 || v == 28) continue;
            assertRefused(statement(), abi.encodePacked(SELECTOR, r, s, uint8(v)), invalid(), "v");
        }
    }

    /// @dev ecrecover answers zero for these; zero is nobody's key.
    function test_verify_reverts_whenNoKeyCouldHaveSigned() public view {
        bytes32 one = bytes32(uint256(1));
        bytes32 order = bytes32(CURVE_ORDER);
        assertRefused(statement(), abi.encodePacked(SELECTOR, bytes32(0), one, uint8(27)), invalid(), "r is zero");
        assertRefused(statement(), abi.encodePacked(SELECTOR, one, bytes32(0), uint8(27)), invalid(), "s is zero");
        assertRefused(statement(), abi.encodePacked(SELECTOR, order, one, uint8(27)), invalid(), "r is the order");
        assertRefused(statement(), new bytes(69), "all zero");
    }

    function test_verify_reverts_whenTheSignatureIsCompact() public view {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, this.digestOf(statement(), SELECTOR));
        bytes32 packed = bytes32(uint256(s) | (uint256(v - 27) << 255));
        assertRefused(statement(), abi.encodePacked(SELECTOR, r, packed), wrongLength(68), "compact");
    }

    function test_verify_reverts_whenTruncatedOrExtended() public view {
        bytes memory evidence = evidenceFor(KEY, statement());
        for (uint256 length = 0; length < 140; ++length) {
            if (length == 69) continue;
            bytes memory resized = new bytes(length);
            for (uint256 i = 0; i < length && i < 69; ++i) resized[i] = evidence[i];
            assertRefused(statement(), resized, wrongLength(length), "length");
        }
    }

    function flip(address account, uint160 change) private pure returns (address) {
        return address(uint160(account) ^ change);
    }

    function same(Statement memory left, Statement memory right) private pure returns (bool) {
        return keccak256(abi.encode(left)) == keccak256(abi.encode(right));
    }

    function invalid() private pure returns (bytes memory) {
        return abi.encodeWithSelector(EvidenceSignature.SignatureInvalid.selector);
    }

    function wrongLength(uint256 received) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IProofAdapter.EvidenceLengthInvalid.selector, received, 69);
    }
}
