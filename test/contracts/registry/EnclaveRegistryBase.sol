// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {EnclaveRegistry} from "../../../contracts/registry/EnclaveRegistry.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deployEnclaveRegistry} from "../../support/Deploy.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A registry with one policy, one verifier that believes everything, one measurement and one enclave key.
abstract contract EnclaveRegistryBase {
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant MAX_AGE = 1 days;
    uint40 internal constant UNTIL = START + 30 days;
    uint256 internal constant KEY = 0xA11CE;
    bytes32 internal constant MEASUREMENT = keccak256("measurement");
    string internal constant ENDPOINT = "https://node.example";
    address internal constant OPERATOR = address(0x0BE7A702);

    EnclaveRegistry internal registry;
    IAttestationVerifier internal verifier;
    PolicyId internal policy;
    address internal key;

    function setUp() public virtual {
        vm.chainId(31337);
        vm.warp(START);
        vm.roll(1000);
        registry = deployEnclaveRegistry();
        verifier = new EchoVerifier(keccak256("echo"));
        policy = registry.createPolicy(MAX_AGE, 0);
        registry.allowVerifier(policy, verifier);
        registry.addMeasurement(policy, MEASUREMENT, START, UNTIL);
        key = vm.addr(KEY);
    }

    function challengeFor(address operator) internal view returns (bytes32) {
        return keccak256(abi.encode(blockhash(block.number - 1), operator));
    }

    function bindingFor(address operator) internal view returns (bytes32) {
        return registry.bindingOf(policy, operator, key, ENDPOINT, challengeFor(operator));
    }

    function honest(bytes32 binding) internal view returns (Claims memory claims) {
        claims.format = verifier.format();
        claims.measurement = MEASUREMENT;
        claims.bind0 = binding;
        claims.notAfter = uint64(block.timestamp);
    }

    function sign(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A call of registerKey with `claims`, for `operator`, with a good signature of the key.
    function registration(address operator, Claims memory claims) internal view returns (bytes memory) {
        return registration(abi.encode(claims), sign(KEY, bindingFor(operator)));
    }

    function registration(bytes memory evidence, bytes memory proof) internal view returns (bytes memory) {
        return
            abi.encodeCall(
                IEnclaveRegistry.registerKey,
                (policy, verifier, key, ENDPOINT, block.number - 1, evidence, "", proof)
            );
    }

    function register() internal {
        passes(OPERATOR, registration(OPERATOR, honest(bindingFor(OPERATOR))), "an honest registration");
    }

    /// @dev Calls the registry as `from` and expects success.
    function passes(address from, bytes memory data, string memory what) internal {
        vm.prank(from);
        (bool ok, bytes memory answer) = address(registry).call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        Check.isTrue(ok, what);
    }

    /// @dev Calls the registry as `from` and expects exactly the revert `reason`.
    function refuses(address from, bytes memory data, bytes memory reason, string memory what) internal {
        vm.prank(from);
        (bool ok, bytes memory answer) = address(registry).call(data);
        Check.isTrue(!ok, string.concat(what, ": it passed"));
        Check.equal(keccak256(answer), keccak256(reason), string.concat(what, ": another reason"));
    }

    function isValid() internal view returns (bool ok) {
        (ok, ) = address(registry).staticcall(abi.encodeCall(IEnclaveRegistry.requireValidKey, (policy, key)));
    }
}
