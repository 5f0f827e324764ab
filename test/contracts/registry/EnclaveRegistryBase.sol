// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {IBindingScheme} from "../../../contracts/interfaces/IBindingScheme.sol";
import {Change, ChangeKind, IEnclavePolicies, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, IEnclaveRegistry, Registration} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KEY_SECP256K1, KeyId, ReceiptKey} from "../../../contracts/interfaces/IReceiptKey.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {deployEnclaveRegistry} from "../../support/Deploy.sol";
import {Check} from "../../support/Check.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A registry with one policy, one verifier that believes everything, one measurement and one enclave key.
/// @dev The test contract owns the policy; `GUARDIAN` guards it.
abstract contract EnclaveRegistryBase {
    uint40 internal constant START = 1_800_000_000;
    uint40 internal constant MAX_AGE = 1 days;
    uint40 internal constant DELAY = 2 days;
    uint40 internal constant UNTIL = START + 30 days;
    uint256 internal constant KEY = 0xA11CE;
    bytes32 internal constant MEASUREMENT = keccak256("measurement");
    bytes32 internal constant PLATFORM = keccak256("platform");
    string internal constant ENDPOINT = "https://node.example";
    address internal constant OPERATOR = address(0x0BE7A702);
    address internal constant GUARDIAN = address(0x64A2D);
    address internal constant STRANGER = address(0x57A46E4);

    IEnclaveRegistry internal registry;
    IAttestationVerifier internal verifier;
    IBindingScheme internal canonical;
    PolicyId internal policy;
    uint256 internal privateKeyOfEnclave = KEY;
    KeyId internal key;

    function setUp() public virtual {
        // No local chain: what is allowed there only must not carry these tests.
        vm.chainId(10);
        vm.warp(START);
        vm.roll(1000);
        registry = deployEnclaveRegistry();
        canonical = registry.CANONICAL_BINDING();
        verifier = new EchoVerifier(keccak256("echo"));
        policy = registry.createPolicy(terms(), basics(), 0);
        key = registry.keyIdOf(publicKey());
    }

    function terms() internal pure returns (PolicyTerms memory made) {
        made.delay = DELAY;
        made.guardian = GUARDIAN;
        made.maxKeyAge = MAX_AGE;
        made.statuses = 1;
    }

    /// @dev What a policy needs to take a key: verifier, scheme and measurement.
    function basics() internal view returns (Change[] memory changes) {
        changes = new Change[](3);
        changes[0] = change(ChangeKind.Verifier, word(address(verifier)), 0);
        changes[1] = change(ChangeKind.Scheme, word(address(canonical)), 0);
        changes[2] = measured(MEASUREMENT, START, UNTIL);
    }

    function change(ChangeKind kind, bytes32 subject, uint256 value) internal pure returns (Change memory made) {
        (made.kind, made.subject, made.value) = (kind, subject, value);
    }

    function measured(bytes32 measurement, uint40 from, uint40 until) internal pure returns (Change memory made) {
        made = change(ChangeKind.Measurement, measurement, (uint256(from) << 40) | until);
        (made.commit, made.recipe) = (keccak256("commit"), keccak256("recipe"));
    }

    /// @dev Proposes, waits and activates.
    function loosen(ChangeKind kind, bytes32 subject, uint256 value) internal {
        loosen(change(kind, subject, value));
    }

    function loosen(Change memory made) internal {
        registry.propose(policy, made);
        vm.warp(block.timestamp + DELAY);
        registry.activate(policy, made);
    }

    function tighten(ChangeKind kind, bytes32 subject, uint256 value) internal {
        registry.restrict(policy, change(kind, subject, value));
    }

    function publicKey() internal view returns (ReceiptKey memory) {
        return ReceiptKey(KEY_SECP256K1, abi.encodePacked(vm.addr(privateKeyOfEnclave)));
    }

    /// @dev Makes another secp256k1 key the enclave's.
    function useKey(uint256 privateKey) internal {
        privateKeyOfEnclave = privateKey;
        key = registry.keyIdOf(publicKey());
    }

    function challengeFor(address operator) internal view returns (bytes32) {
        return keccak256(abi.encode(blockhash(block.number - 1), operator));
    }

    function bindingFor(address operator) internal view returns (bytes32) {
        return registry.bindingOf(policy, operator, publicKey(), ENDPOINT, 0, challengeFor(operator));
    }

    function honest(bytes32 binding) internal view returns (Claims memory claims) {
        claims.format = verifier.format();
        claims.measurement = MEASUREMENT;
        claims.platform = PLATFORM;
        claims.bind0 = binding;
        claims.notAfter = uint64(block.timestamp);
    }

    function sign(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev What `operator` hands in, with a good signature of the key and no evidence yet.
    function blank(address operator) internal view returns (Registration memory made) {
        made.policy = policy;
        made.verifier = verifier;
        made.scheme = canonical;
        made.key = publicKey();
        made.endpoint = ENDPOINT;
        made.challengeBlock = block.number - 1;
        made.keySignature = sign(privateKeyOfEnclave, bindingFor(operator));
    }

    /// @dev A call of registerKey with `claims`, for `operator`, with a good signature of the key.
    function registration(address operator, Claims memory claims) internal view returns (bytes memory) {
        Registration memory made = blank(operator);
        made.evidence = abi.encode(claims);
        return encode(made);
    }

    function registration(address operator) internal view returns (bytes memory) {
        return registration(operator, honest(bindingFor(operator)));
    }

    function encode(Registration memory made) internal pure returns (bytes memory) {
        return abi.encodeCall(IEnclaveKeys.registerKey, (made));
    }

    function register() internal {
        passes(OPERATOR, registration(OPERATOR), "an honest registration");
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
        if (keccak256(answer) == keccak256(reason)) return;
        // So that a failure shows both.
        vm.assertEq(string(answer), string(reason), string.concat(what, ": another reason"));
    }

    /// @dev A new policy with `wanted` among its first changes.
    function refusesAtOnce(Change memory wanted, bytes memory reason, string memory what) internal {
        Change[] memory changes = new Change[](1);
        changes[0] = wanted;
        bytes memory data = abi.encodeCall(IEnclavePolicies.createPolicy, (terms(), changes, bytes32(uint256(77))));
        refuses(address(this), data, reason, what);
    }

    /// @dev What is said of `MEASUREMENT` when it has ended at `until`, or not begun.
    function measurementNotValid(uint40 until) internal view returns (bytes memory) {
        bytes4 error = IEnclavePolicies.MeasurementNotValid.selector;
        return abi.encodeWithSelector(error, policy, MEASUREMENT, START, until);
    }

    /// @dev The selector of the error that `requireValidKey` gives, zero for none.
    function fault() internal view returns (bytes4) {
        (bool ok, bytes memory answer) = address(registry).staticcall(
            abi.encodeCall(IEnclaveKeys.requireValidKey, (policy, key))
        );
        return ok ? bytes4(0) : bytes4(answer);
    }

    function isValid() internal view returns (bool) {
        return fault() == 0;
    }

    function assertFault(bytes4 expected, string memory what) internal view {
        Check.equal(bytes32(fault()), bytes32(expected), what);
    }

    function word(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
