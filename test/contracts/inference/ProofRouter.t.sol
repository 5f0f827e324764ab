// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {ICreditLedger} from "../../../contracts/interfaces/ICreditLedger.sol";
import {IInferenceHub} from "../../../contracts/interfaces/IInferenceHub.sol";
import {IModelRegistry} from "../../../contracts/interfaces/IModelRegistry.sol";
import {INodeRegistry} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {IProofRouter} from "../../../contracts/interfaces/IProofRouter.sol";
import {Answer, MoodyAdapter} from "../../../contracts/mocks/proofs/MoodyAdapter.sol";
import {RawAnswerer} from "../../../contracts/mocks/registry/RawAnswerer.sol";
import {RequestId} from "../../../contracts/types/Ids.sol";
import {ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Callback, toCallback} from "../../../contracts/types/Words.sol";
import {deployInferenceHub} from "../../support/Deploy.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";
import {HubFixture} from "./HubFixture.sol";

/// @notice The router inside the hub: who adds and retires, what an adapter's answer is worth; and the hub's making.
contract ProofRouterTest is HubFixture {
    ProofSelector private constant MOODY = ProofSelector.wrap(0x01000009);

    function test_constructor_addsTheFirstAdapters() public view {
        vm.assertEq(address(hub.adapterOf(ProofSelector.wrap(bytes4(SIGNATURE)))), address(nodes), "signature");
        vm.assertTrue(address(hub.adapterOf(ProofSelector.wrap(bytes4(TEE)))) != address(0), "tee");
        vm.assertTrue(address(hub.adapterOf(ProofSelector.wrap(bytes4(ZKML)))) != address(0), "zkml");
        vm.assertEq(hub.owner(), OWNER, "owner");
    }

    function testFuzz_addAdapter_reverts_whenNotOwner(address caller) public {
        vm.assume(caller != OWNER);
        MoodyAdapter adapter = new MoodyAdapter(MOODY);
        bytes memory reason = abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, caller);
        refuses(caller, 0, abi.encodeCall(IProofRouter.addAdapter, (adapter)), reason, "add");
        refuses(
            caller,
            0,
            abi.encodeCall(IProofRouter.retireAdapter, (ProofSelector.wrap(bytes4(TEE)))),
            reason,
            "retire"
        );
    }

    function test_addAdapter_routesANewSelector() public {
        MoodyAdapter adapter = new MoodyAdapter(MOODY);
        vm.expectEmit();
        emit IProofRouter.AdapterAdded(MOODY, adapter);
        passes(OWNER, 0, abi.encodeCall(IProofRouter.addAdapter, (adapter)), "add");
        vm.assertEq(address(hub.adapterOf(MOODY)), address(adapter), "routed");
    }

    /// @dev INV-R1: a selector never changes hands, not even after it was retired.
    function test_addAdapter_reverts_whenTheSelectorIsTaken() public {
        ProofSelector taken = ProofSelector.wrap(bytes4(TEE));
        bytes memory data = abi.encodeCall(IProofRouter.addAdapter, (new MoodyAdapter(taken)));
        bytes memory reason = abi.encodeWithSelector(IProofRouter.SelectorTaken.selector, taken);
        refuses(OWNER, 0, data, reason, "taken");
        IProofAdapter gone = hub.adapterOf(taken);
        vm.expectEmit();
        emit IProofRouter.AdapterRetired(taken, gone);
        passes(OWNER, 0, abi.encodeCall(IProofRouter.retireAdapter, (taken)), "retire");
        refuses(OWNER, 0, data, reason, "retired");
        bytes memory retired = abi.encodeWithSelector(IProofRouter.SelectorRetired.selector, taken);
        refuses(STRANGER, 0, abi.encodeCall(IProofRouter.adapterOf, (taken)), retired, "asked for");
        refuses(OWNER, 0, abi.encodeCall(IProofRouter.retireAdapter, (taken)), retired, "retired twice");
    }

    function testFuzz_adapterOf_reverts_whenUnknown(bytes4 selector) public {
        vm.assume(selector != bytes4(SIGNATURE) && selector != bytes4(TEE) && selector != bytes4(ZKML));
        ProofSelector unknown = ProofSelector.wrap(selector);
        bytes memory reason = abi.encodeWithSelector(IProofRouter.SelectorUnknown.selector, unknown);
        refuses(STRANGER, 0, abi.encodeCall(IProofRouter.adapterOf, (unknown)), reason, "asked for");
        refuses(OWNER, 0, abi.encodeCall(IProofRouter.retireAdapter, (unknown)), reason, "retired");
    }

    function testFuzz_addAdapter_reverts_whenTheKindIsOut(bytes4 selector) public {
        uint8 kind = uint8(selector[0]);
        vm.assume(kind == 0 || kind > 15);
        MoodyAdapter adapter = new MoodyAdapter(ProofSelector.wrap(selector));
        bytes memory reason = abi.encodeWithSelector(IProofRouter.AdapterInvalid.selector, adapter, selector);
        refuses(OWNER, 0, abi.encodeCall(IProofRouter.addAdapter, (adapter)), reason, "kind");
    }

    function test_addAdapter_reverts_whenThereIsNoCode() public {
        IProofAdapter nobody = IProofAdapter(STRANGER);
        bytes memory reason = abi.encodeWithSelector(IProofRouter.AdapterInvalid.selector, nobody, bytes4(0));
        refuses(OWNER, 0, abi.encodeCall(IProofRouter.addAdapter, (nobody)), reason, "no code");
    }

    /// @dev DESIGN 2, fail closed: an adapter's yes is one exact word; all else is no.
    function test_fulfil_takesNothingButAWholeYes() public {
        MoodyAdapter adapter = addMoody();
        (RequestId id, Request memory req) = open(anOrder(bytes16(ProofSelector.unwrap(MOODY))));
        bytes memory data = moodyAnswer(req);
        Answer[5] memory silent = [
            Answer.RevertSilently,
            Answer.Nothing,
            Answer.Short,
            Answer.WrongMagic,
            Answer.DirtyMagic
        ];
        bytes memory reason = abi.encodeWithSelector(IProofRouter.EvidenceRefused.selector, MOODY);
        for (uint256 i = 0; i < silent.length; ++i) {
            adapter.setAnswer(silent[i]);
            refuses(data, reason, "no");
        }
        adapter.setAnswer(Answer.BurnGas);
        (bool ok, bytes memory received) = address(hub).call{gas: 2_000_000}(data);
        vm.assertTrue(!ok && keccak256(received) == keccak256(reason), "all its gas is no yes");
        adapter.setAnswer(Answer.LongYes);
        passes(STRANGER, 0, data, "a long yes");
        vm.assertTrue(hub.requestIdOf(req) == id, "id");
    }

    /// @dev An adapter's error is passed on, cut at 1,024 bytes; a bomb of an answer costs the adapter's own gas.
    function test_fulfil_copiesLittleOfWhatAnAdapterSays() public {
        MoodyAdapter adapter = addMoody();
        (, Request memory req) = open(anOrder(bytes16(ProofSelector.unwrap(MOODY))));
        bytes memory data = moodyAnswer(req);
        adapter.setAnswer(Answer.RevertBomb);
        (bool ok, bytes memory reason) = address(hub).call(data);
        vm.assertFalse(ok, "refused");
        vm.assertEq(reason.length, 1_024, "cut");
        adapter.setAnswer(Answer.Bomb);
        passes(STRANGER, 0, data, "yes, and a megabyte more");
    }

    /// @dev Parity of the call's assembly: the adapter decodes what Solidity would have encoded.
    function testFuzz_fulfil_asksWhatSolidityWouldAsk(bytes memory output, bytes memory tail, address payee) public {
        vm.assume(payee != address(0));
        MoodyAdapter adapter = addMoody();
        adapter.setAnswer(Answer.RevertWithReason);
        (RequestId id, Request memory req) = open(anOrder(bytes16(ProofSelector.unwrap(MOODY))));
        bytes[] memory evidence = new bytes[](1);
        evidence[0] = abi.encodePacked(MOODY, tail);
        bytes32 question = keccak256(abi.encode(claimOf(id, req, output, payee), output, evidence[0]));
        refuses(
            abi.encodeCall(IInferenceHub.fulfil, (req, output, payee, evidence)),
            abi.encodeWithSelector(MoodyAdapter.Asked.selector, question),
            "what was asked"
        );
    }

    /// @dev An adapter that is gone answers nothing, which is no yes.
    function test_fulfil_reverts_whenTheAdapterHasNoCodeAnyMore() public {
        MoodyAdapter adapter = addMoody();
        (, Request memory req) = open(anOrder(bytes16(ProofSelector.unwrap(MOODY))));
        vm.etch(address(adapter), "");
        refuses(moodyAnswer(req), abi.encodeWithSelector(IProofRouter.EvidenceRefused.selector, MOODY), "gone");
    }

    // ---- in words

    function test_whyStuck_saysWhatIsWaitedFor() public {
        Order memory order = anOrder(bytes16(hex"010000010400000105000001"));
        (RequestId id, Request memory req) = openNow(order);
        vm.assertEq(
            hub.whyStuck(id),
            "Waits for an answer with SIGNATURE and TEE and ZKML evidence, until time 1800003600; "
            "after that anyone may call reclaim.",
            "pending"
        );
        vm.prank(OWNER);
        hub.retireAdapter(ProofSelector.wrap(bytes4(TEE)));
        vm.assertEq(
            hub.whyStuck(id),
            "Cannot be answered: no adapter takes 0x04000001 (retired or never added). After time 1800003600 "
            "anyone may call reclaim.",
            "retired"
        );
        vm.warp(START + 2 hours);
        vm.assertEq(hub.whyStuck(id), "Expired without an answer: anyone may call reclaim.", "expired");
        hub.reclaim(req);
        vm.assertEq(hub.whyStuck(id), "Nothing: it expired and its payment was given back as credit.", "reclaimed");
    }

    function test_whyStuck_saysThatNothingIs() public {
        string memory none =
            "No open request has this id: it was never made here, or settled without a stored result "
            "(see the events Fulfilled and Requested).";
        vm.assertEq(hub.whyStuck(RequestId.wrap("none")), none, "unknown");
        (RequestId id, Request memory req) = open(anOrder(Callback.wrap(1)));
        settle(id, req);
        vm.assertEq(hub.whyStuck(id), "Nothing: it was answered and paid.", "fulfilled");
    }

    function test_whyStuck_countsTheTriesLeft() public {
        (RequestId id, Request memory req) = open(anOrder(toCallback(STRANGER, 50_000, 0)));
        settle(id, req);
        vm.prank(client);
        hub.retryCallback(req, OUTPUT);
        vm.assertEq(
            hub.whyStuck(id),
            "Answered and paid, but the callback failed; its target or the requester may call retryCallback "
            "(15 tries left).",
            "failed"
        );
    }

    // ---- the making of a hub

    function test_constructor_reverts_onBadTerms() public {
        IProofAdapter[] memory none = new IProofAdapter[](0);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.ZeroAddress.selector, "modelRegistry"));
        deployInferenceHub(OWNER, IModelRegistry(address(0)), nodes, 0, address(0), none);
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.FeeTooHigh.selector, 1_001, 1_000));
        deployInferenceHub(OWNER, models, nodes, 1_001, FEES, none);
        vm.expectRevert(abi.encodeWithSelector(ICreditLedger.ZeroAddress.selector, "feeRecipient"));
        deployInferenceHub(OWNER, models, nodes, 1, address(0), none);
        RawAnswerer quick = new RawAnswerer();
        quick.setAnswer(INodeRegistry.UNBONDING_DELAY.selector, abi.encode(14 days));
        vm.expectRevert(abi.encodeWithSelector(IInferenceHub.UnbondingDelayTooShort.selector, 14 days, 14 days));
        deployInferenceHub(OWNER, models, INodeRegistry(address(quick)), 0, address(0), none);
        quick.setAnswer(INodeRegistry.UNBONDING_DELAY.selector, abi.encode(14 days + 1));
        Hub made = deployInferenceHub(OWNER, models, INodeRegistry(address(quick)), 1_000, FEES, none);
        vm.assertEq(made.FEE_BPS(), 1_000, "fee");
        vm.assertEq(made.FEE_RECIPIENT(), FEES, "recipient");
        vm.assertEq(address(made.MODEL_REGISTRY()), address(models), "registry");
    }

    function test_supportsInterface_namesTheHub() public view {
        vm.assertTrue(hub.supportsInterface(type(IInferenceHub).interfaceId), "hub");
        vm.assertTrue(hub.supportsInterface(type(IERC165).interfaceId), "ERC-165");
        vm.assertFalse(hub.supportsInterface(0xffffffff), "nothing");
    }

    /// @dev INV-11: the published domain is the one that ids and statements are hashed under.
    function test_eip712Domain_isTheOneInUse() public view {
        (, string memory name, string memory version, uint256 chainId, address verifying, , ) = hub.eip712Domain();
        vm.assertEq(name, "Assay", "name");
        vm.assertEq(version, "1", "version");
        vm.assertEq(chainId, block.chainid, "chain");
        vm.assertEq(verifying, address(hub), "hub");
    }

    function addMoody() private returns (MoodyAdapter adapter) {
        adapter = new MoodyAdapter(MOODY);
        vm.prank(OWNER);
        hub.addAdapter(adapter);
    }

    function moodyAnswer(Request memory req) private pure returns (bytes memory) {
        bytes[] memory evidence = new bytes[](1);
        evidence[0] = abi.encodePacked(MOODY);
        return abi.encodeCall(IInferenceHub.fulfil, (req, OUTPUT, PAYEE, evidence));
    }
}
