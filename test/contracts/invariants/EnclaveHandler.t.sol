// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims, IAttestationVerifier} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {Change, ChangeKind, IEnclavePolicies, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveKeys, IEnclaveRegistry} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {KeyId} from "../../../contracts/interfaces/IReceiptKey.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {PolicyId} from "../../../contracts/types/Ids.sol";
import {vm} from "../../support/Vm.sol";
import {EnclaveRegistryBase} from "../registry/EnclaveRegistryBase.sol";

/// @notice Registers, refreshes and revokes keys and changes their policy, in any order, and keeps a book of its own of
/// which key must be valid. What the book foretells must happen; `broken` keeps the first breach, since a failing assertion
/// inside an action would only count as a reverted call. The file's name ends in .t.sol because the runner fuzzes
/// contracts of such files only.
contract EnclaveHandler is EnclaveRegistryBase {
    uint256 public constant KEYS = 4;
    uint256 private constant MEASUREMENTS = 6;
    uint256 private constant PLATFORMS = 2;

    /// @param held Number of the action that last held the key against the policy.
    /// @param end When it ends if nothing else does it.
    struct Entry {
        bool known;
        bool ended;
        uint256 measurement;
        uint256 platform;
        uint256 verifier;
        uint32 tcbEval;
        uint256 attestedAt;
        uint256 end;
        uint256 held;
    }

    /// @param valid Bit k: key k was valid at the end of that second.
    struct Sample {
        uint40 time;
        uint8 valid;
    }

    string public broken;
    mapping(string action => uint256 count) public done;
    Sample[] private _samples;
    Entry[4] private _entries;
    IAttestationVerifier[2] private _verifiers;
    uint256[6] private _ends;
    uint256[6] private _endedBy;
    bool[2] private _forbidden;
    bool[2] private _denied;
    bool private _paused;
    uint32 private _minEval;
    uint256 private _maxAge = MAX_AGE;
    uint256 private _actions = 1;
    uint256 private _tightened;

    constructor() {
        super.setUp();
        vm.chainId(31337);
        _verifiers = [verifier, new EchoVerifier(keccak256("another echo"))];
        PolicyTerms memory wanted = terms();
        (wanted.test, wanted.delay) = (true, 0);
        Change[] memory changes = new Change[](3 + MEASUREMENTS);
        changes[0] = change(ChangeKind.Verifier, word(address(_verifiers[0])), 0);
        changes[1] = change(ChangeKind.Verifier, word(address(_verifiers[1])), 0);
        changes[2] = change(ChangeKind.Scheme, word(address(canonical)), 0);
        for (uint256 i = 0; i < MEASUREMENTS; ++i) {
            _ends[i] = UNTIL;
            changes[3 + i] = measured(bytes32(i + 1), START, UNTIL);
        }
        policy = registry.createPolicy(wanted, changes, bytes32(uint256(1)));
        sample();
    }

    /// @dev The fixture's would put another registry in the place of this one.
    function setUp() public override {}

    // ---- actions

    function registerOne(uint256 seed) external {
        (uint256 k, Entry memory next) = (seed % KEYS, _entries[seed % KEYS]);
        next.measurement = (seed >> 8) % MEASUREMENTS;
        next.platform = (seed >> 16) % PLATFORMS;
        next.verifier = (seed >> 24) % 2;
        next.tcbEval = uint32((seed >> 32) % 4);
        next.attestedAt = block.timestamp;
        useKey(KEY + k);
        verifier = _verifiers[next.verifier];
        Claims memory claims = honest(bindingFor(OPERATOR));
        claims.measurement = bytes32(next.measurement + 1);
        claims.platform = bytes32(next.platform + 1);
        claims.tcbEval = next.tcbEval;
        bool ok = tell(OPERATOR, registration(OPERATOR, claims));
        expect(ok == isAdmissible(next), "register");
        if (ok) {
            next.known = true;
            _entries[k] = next;
            hold(k);
        }
        close(ok, "register");
    }

    function refreshOne(uint256 seed) external {
        uint256 k = seed % KEYS;
        useKey(KEY + k);
        bool ok = tell(STRANGER, abi.encodeCall(IEnclaveKeys.refresh, (policy, key)));
        expect(ok == (_entries[k].known && isAdmissible(_entries[k])), "refresh");
        if (ok) hold(k);
        close(ok, "refresh");
    }

    function revokeOne(uint256 seed) external {
        // Seldom, for it is final.
        if ((seed >> 8) % 5 != 0) return;
        uint256 k = seed % KEYS;
        useKey(KEY + k);
        address[3] memory managers = [OPERATOR, GUARDIAN, address(this)];
        bool ok = tell(managers[(seed >> 16) % 3], abi.encodeCall(IEnclaveKeys.revokeKey, (policy, key)));
        expect(ok == (_entries[k].known && !_entries[k].ended), "revoke");
        if (ok) _entries[k].ended = true;
        close(ok, "revoke");
    }

    function tightenOne(uint256 seed) external {
        uint256 which = (seed >> 8) % 2;
        uint256 kind = seed % 7;
        bool ok;
        if (kind == 0) {
            ok = restricted(ChangeKind.Verifier, word(address(_verifiers[which])), 0);
            expect(ok == !_forbidden[which], "forbid");
            _forbidden[which] = true;
        } else if (kind == 1) {
            ok = restricted(ChangeKind.PlatformDenied, bytes32(which + 1), 0);
            expect(ok == !_denied[which], "deny");
            _denied[which] = true;
        } else if (kind == 2) {
            ok = restricted(ChangeKind.Paused, 0, 0);
            expect(ok == !_paused, "pause");
            _paused = true;
        } else if (kind == 3) {
            uint32 least = uint32((seed >> 16) % 4);
            ok = restricted(ChangeKind.MinTcbEval, 0, least);
            expect(ok == (least > _minEval), "raise");
            if (ok) _minEval = least;
        } else if (kind == 4) {
            uint256 age = 1 + ((seed >> 16) % MAX_AGE);
            ok = restricted(ChangeKind.MaxKeyAge, 0, age);
            expect(ok == (age < _maxAge), "shorten");
            if (ok) _maxAge = age;
        } else {
            return endMeasurement(seed);
        }
        if (ok) _tightened = _actions;
        close(ok, "tighten");
    }

    function loosenOne(uint256 seed) external {
        uint256 which = (seed >> 8) % 2;
        uint256 kind = seed % 5;
        bool ok;
        if (kind == 0) {
            ok = loosened(ChangeKind.Verifier, word(address(_verifiers[which])), 0);
            _forbidden[which] = false;
        } else if (kind == 1) {
            ok = loosened(ChangeKind.PlatformDenied, bytes32(which + 1), 0);
            _denied[which] = false;
        } else if (kind == 2) {
            ok = loosened(ChangeKind.Paused, 0, 0);
            _paused = false;
        } else if (kind == 3) {
            ok = loosened(ChangeKind.MinTcbEval, 0, 0);
            _minEval = 0;
        } else {
            ok = loosened(ChangeKind.MaxKeyAge, 0, 2 * MAX_AGE);
            _maxAge = 2 * MAX_AGE;
        }
        close(ok, "loosen");
    }

    function wait(uint256 seed) external {
        uint256 time = block.timestamp;
        uint256 half = 1 + (seed % 8 hours) / 2;
        vm.warp(time + half);
        sample();
        vm.warp(time + 2 * half);
        close(true, "wait");
    }

    // ---- what the book says

    /// @dev Whether key `k` must be valid now.
    function isExpected(uint256 k) public view returns (bool) {
        Entry memory entry = _entries[k];
        return
            entry.known &&
            !entry.ended &&
            !_paused &&
            entry.held > _tightened &&
            entry.held > _endedBy[entry.measurement] &&
            block.timestamp < _ends[entry.measurement] &&
            block.timestamp < entry.end;
    }

    function isValidNow(uint256 k) public view returns (bool ok) {
        (ok, ) = address(registry).staticcall(abi.encodeCall(IEnclaveKeys.requireValidKey, (policy, keyAt(k))));
    }

    function keyAt(uint256 k) public pure returns (KeyId) {
        return KeyId.wrap(keccak256(abi.encodePacked(uint8(1), vm.addr(KEY + k))));
    }

    function samples() external view returns (Sample[] memory) {
        return _samples;
    }

    function theRegistry() external view returns (IEnclaveRegistry, PolicyId) {
        return (registry, policy);
    }

    // ---- helpers

    function endMeasurement(uint256 seed) private {
        uint256 m = (seed >> 16) % MEASUREMENTS;
        // Half of them have some time left.
        uint256 time = (seed >> 24) % 2 == 0 ? 0 : block.timestamp + ((seed >> 32) % 2 days);
        bool ok = restricted(ChangeKind.Measurement, bytes32(m + 1), time);
        expect(ok == (block.timestamp < _ends[m] && time < _ends[m]), "end");
        if (ok) {
            _ends[m] = time > block.timestamp ? time : block.timestamp;
            _endedBy[m] = _actions;
        }
        close(ok, "end");
    }

    function isAdmissible(Entry memory entry) private view returns (bool) {
        return
            !entry.ended &&
            !_paused &&
            !_forbidden[entry.verifier] &&
            !_denied[entry.platform] &&
            entry.tcbEval >= _minEval &&
            block.timestamp < _ends[entry.measurement] &&
            block.timestamp < entry.attestedAt + _maxAge;
    }

    function hold(uint256 k) private {
        Entry storage entry = _entries[k];
        uint256 end = entry.attestedAt + _maxAge;
        if (end > _ends[entry.measurement]) end = _ends[entry.measurement];
        (entry.end, entry.held) = (end, _actions);
    }

    function restricted(ChangeKind kind, bytes32 subject, uint256 value) private returns (bool) {
        return tell(GUARDIAN, abi.encodeCall(IEnclavePolicies.restrict, (policy, change(kind, subject, value))));
    }

    function loosened(ChangeKind kind, bytes32 subject, uint256 value) private returns (bool ok) {
        Change memory wanted = change(kind, subject, value);
        registry.propose(policy, wanted);
        ok = tell(STRANGER, abi.encodeCall(IEnclavePolicies.activate, (policy, wanted)));
        if (!ok) registry.cancel(policy, wanted);
    }

    function tell(address from, bytes memory data) private returns (bool ok) {
        vm.prank(from);
        (ok, ) = address(registry).call(data);
    }

    function expect(bool ok, string memory what) private {
        if (!ok && bytes(broken).length == 0) broken = what;
    }

    function close(bool ok, string memory what) private {
        if (ok) ++done[what];
        ++_actions;
        sample();
    }

    /// @dev Notes which keys are valid, by the registry's own answer; of one second the last word counts.
    function sample() private {
        uint8 valid = 0;
        // Four keys, so four bits.
        for (uint256 k = 0; k < KEYS; ++k) if (isValidNow(k)) valid |= uint8(1 << k);
        uint256 n = _samples.length;
        if (n != 0 && _samples[n - 1].time == block.timestamp) _samples[n - 1].valid = valid;
        else _samples.push(Sample(uint40(block.timestamp), valid));
    }
}
