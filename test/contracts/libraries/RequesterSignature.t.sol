// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {RequesterSignature} from "../../../contracts/libraries/RequesterSignature.sol";
import {MoodyWallet, Verdict} from "../../../contracts/mocks/wallets/MoodyWallet.sol";
import {CURVE_ORDER, privateKey} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";

/// @notice Whose signature counts for whom.
contract RequesterSignatureTest {
    function testFuzz_isValid_takesTheAccountsOwn(uint256 seed, bytes32 digest) public view {
        uint256 key = privateKey(seed);
        bytes memory signature = sign(key, digest);
        vm.assertTrue(this.isValid(vm.addr(key), digest, signature), "its own");
        vm.assertFalse(this.isValid(vm.addr(key), ~digest, signature), "another digest");
        vm.assertFalse(this.isValid(address(0), digest, signature), "nobody");
        vm.assertFalse(this.isValid(address(0xB0B), digest, signature), "another account");
    }

    /// @dev INV-14: one signature has one form.
    function testFuzz_isValid_refusesTheTwin(uint256 seed, bytes32 digest) public view {
        uint256 key = privateKey(seed);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        bytes memory twin = abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? 28 : 27);
        vm.assertFalse(this.isValid(vm.addr(key), digest, twin), "high s");
        vm.assertFalse(this.isValid(vm.addr(key), digest, abi.encodePacked(r, s, v - 27)), "v of 0 or 1");
    }

    function testFuzz_isValid_refusesRubbish(address signer, bytes32 digest, bytes calldata signature) public view {
        vm.assume(signer.code.length == 0);
        vm.assertFalse(this.isValid(signer, digest, signature), "rubbish");
    }

    function test_isValid_refusesPrecompiles() public view {
        for (uint160 i = 0; i < 20; ++i) {
            vm.assertFalse(this.isValid(address(i), bytes32(0), new bytes(65)), "a precompile signs nothing");
        }
    }

    /// @dev A contract's own yes, and the key of an account that also has code (EIP-7702).
    function test_isValid_asksContracts() public {
        MoodyWallet wallet = new MoodyWallet();
        bytes32 digest = keccak256("digest");
        vm.assertFalse(this.isValid(address(wallet), digest, "x"), "not approved");
        wallet.approve(digest);
        vm.assertTrue(this.isValid(address(wallet), digest, ""), "approved");
        for (uint8 i = uint8(Verdict.Revert); i <= uint8(type(Verdict).max); ++i) {
            wallet.setVerdict(Verdict(i));
            vm.assertFalse(this.isValid(address(wallet), digest, ""), "a bad verdict");
        }
        address account = vm.addr(7);
        vm.etch(account, address(wallet).code);
        vm.assertTrue(this.isValid(account, digest, sign(7, digest)), "its own key");
    }

    function isValid(address signer, bytes32 digest, bytes calldata signature) external view returns (bool) {
        return RequesterSignature.isValid(signer, digest, signature);
    }

    function sign(uint256 key, bytes32 digest) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
