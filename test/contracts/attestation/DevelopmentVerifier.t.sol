// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {DevelopmentRootOnLiveNetwork} from "../../../contracts/types/Development.sol";
import {Check} from "../../support/Check.sol";
import {deploy} from "../../support/Deploy.sol";
import {vm} from "../../support/Vm.sol";

contract DevelopmentVerifierTest {
    function testFuzz_neitherExistsNorAnswers_onLiveChains(uint64 chainId) public {
        if (chainId == 0 || chainId == 1337 || chainId == 31337) chainId = 1;
        vm.chainId(31337);
        IAttestationVerifier verifier = deployed();
        vm.chainId(chainId);
        bytes memory expected = abi.encodeWithSelector(DevelopmentRootOnLiveNetwork.selector, chainId);

        try this.deployed() {
            Check.isTrue(false, "it was deployed on a live chain");
        } catch (bytes memory reason) {
            Check.equal(keccak256(reason), keccak256(expected), "why it was not deployed");
        }
        // What stands on a local chain, on a chain forked from it.
        (bool ok, bytes memory answer) = address(verifier).staticcall(
            abi.encodeCall(IAttestationVerifier.verify, ("", ""))
        );
        Check.isTrue(!ok, "it answered on a live chain");
        Check.equal(keccak256(answer), keccak256(expected), "why it did not answer");
    }

    function test_exists_onBothLocalChains() public {
        uint256[2] memory local = [uint256(31337), 1337];
        for (uint256 i = 0; i < local.length; ++i) {
            vm.chainId(local[i]);
            IAttestationVerifier verifier = deployed();
            Check.equal(verifier.format(), keccak256("assay.dev/1"), "the format");
        }
    }

    function deployed() public returns (IAttestationVerifier) {
        return IAttestationVerifier(deploy("DevelopmentVerifier.sol:DevelopmentVerifier", ""));
    }
}
