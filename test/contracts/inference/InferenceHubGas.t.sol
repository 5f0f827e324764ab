// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Fulfilment, IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {GasProbe} from "../../../contracts/mocks/inference/GasProbe.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {toCallback} from "../../../contracts/types/Words.sol";
import {bounded} from "../../support/Fuzz.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice INV-21: whatever gas the sender chooses, the consumer gets what the request promised or nothing happens.
contract InferenceHubGasTest is HubFixture {
    uint32 private constant CALLBACK_GAS = 200_000;
    /// @dev Gas of a settlement without callback is below it, and what the hub holds in reserve is part of it.
    uint256 private constant BOUND = 250_000;
    GasProbe private probe;
    uint256 private expected;

    function setUp() public override {
        super.setUp();
        probe = new GasProbe();
        // What the probe notes of exactly CALLBACK_GAS, its first instructions taken off.
        (bool ok, ) = address(probe).call{gas: CALLBACK_GAS}("");
        expected = seen();
        vm.assertTrue(ok && expected > CALLBACK_GAS - 100 && expected < CALLBACK_GAS, "the probe works");
    }

    function testFuzz_fulfil_givesTheCallbackItsGasOrReverts(uint256 gasLimit) public {
        (RequestId id, Request memory req) = open(probing());
        tryWith(bounded(gasLimit, 30_000, 600_000), answer(id, req), id);
    }

    function testFuzz_settleSigned_givesTheCallbackItsGasOrReverts(uint256 gasLimit) public {
        fundCredit(client, AMOUNT);
        (RequestId id, Request memory req) = signable(probing(), 0);
        tryWith(bounded(gasLimit, 30_000, 600_000), signedAnswer(id, req), id);
    }

    /// @dev The narrow place: from gas that does not suffice, in small steps, to gas that does.
    function test_fulfil_hasNoGapAtTheEdge() public {
        (RequestId id, Request memory req) = open(probing());
        bytes memory data = answer(id, req);
        // A little below what was found, for accounts that are touched for the first time cost more.
        uint256 low = edge(data) - 4_000;
        uint256 tries = 0;
        while (!tryWith(low + tries * 16, data, id)) ++tries;
        vm.assertGe(tries, 1, "the edge was crossed");
    }

    function test_retryCallback_hasNoGapAtTheEdge() public {
        // The consumer is not there at first, so that the callback fails.
        address target = address(0xB02);
        (RequestId id, Request memory req) = open(anOrder(toCallback(target, CALLBACK_GAS, 0)));
        settle(id, req);
        vm.etch(target, address(probe).code);
        probe = GasProbe(payable(target));
        bytes memory data = abi.encodeCall(IInferenceHub.retryCallback, (req, OUTPUT));
        vm.startPrank(client);
        uint256 gasLimit = 200_000;
        while (!tryWith(gasLimit, data, id)) gasLimit += 16;
        vm.stopPrank();
        vm.assertGe(gasLimit, 200_016, "the edge was crossed");
    }

    /// @dev In a batch an item that would get too little is refused, and stays open.
    function test_fulfilBatch_givesTheCallbackItsGasOrRefusesTheItem() public {
        (RequestId id, Request memory req) = open(probing());
        Fulfilment[] memory items = new Fulfilment[](1);
        items[0] = Fulfilment(req, OUTPUT, PAYEE, evidenceFor(id, req, OUTPUT, PAYEE));
        uint256 refused = 0;
        for (uint256 gasLimit = 150_000; gasLimit < 450_000; gasLimit += 500) {
            clear();
            (bool ok, bytes memory data) = address(hub).call{gas: gasLimit}(
                abi.encodeCall(IInferenceHub.fulfilBatch, (items))
            );
            if (!ok) continue;
            if (abi.decode(data, (bool[]))[0]) {
                vm.assertEq(seen(), expected, "the promised gas");
                vm.assertGe(refused, 1, "the edge was crossed");
                return;
            }
            ++refused;
            assertStatus(id, RequestStatus.Pending, "still open");
            vm.assertEq(seen(), 0, "not called");
        }
        vm.assertTrue(false, "never settled");
    }

    /// @dev The hub's own gas does not grow with what the consumer burns: all of its gas and a bounded rest.
    function test_fulfil_boundsWhatItUsesItself() public {
        (RequestId id, Request memory req) = open(probing());
        bytes memory data = answer(id, req);
        vm.assertTrue(tryWith(CALLBACK_GAS + BOUND, data, id), "enough");
    }

    function probing() private view returns (Order memory) {
        return anOrder(toCallback(address(probe), CALLBACK_GAS, 0));
    }

    /// @dev Sends `data` with `gasLimit`; the probe saw its gas, or nothing at all happened.
    function tryWith(uint256 gasLimit, bytes memory data, RequestId id) private returns (bool settled) {
        RequestStatus before = hub.status(id);
        uint256 paid = creditOf(NATIVE, PAYEE);
        clear();
        (settled, ) = address(hub).call{gas: gasLimit}(data);
        if (settled) {
            vm.assertEq(seen(), expected, "the promised gas, to the unit");
            return true;
        }
        assertStatus(id, before, "unchanged");
        vm.assertEq(creditOf(NATIVE, PAYEE), paid, "unpaid");
        vm.assertEq(seen(), 0, "not called");
    }

    /// @dev A gas limit a little too low for `data`, found without changing anything.
    function edge(bytes memory data) private returns (uint256 low) {
        low = CALLBACK_GAS;
        for (uint256 step = 128_000; step >= 1_000; step /= 2) {
            try this.probeOnly(low + step, data) {} catch (bytes memory outcome) {
                if (abi.decode(outcome, (uint256)) == 0) low += step;
            }
        }
    }

    /// @dev Reverts with whether `data` would succeed.
    function probeOnly(uint256 gasLimit, bytes calldata data) external {
        (bool ok, ) = address(hub).call{gas: gasLimit}(data);
        bytes memory outcome = abi.encode(ok ? 1 : 0);
        assembly ("memory-safe") {
            revert(add(outcome, 0x20), 0x20)
        }
    }

    function seen() private view returns (uint256) {
        return uint256(vm.load(address(probe), 0));
    }

    function clear() private {
        vm.store(address(probe), 0, 0);
    }
}
