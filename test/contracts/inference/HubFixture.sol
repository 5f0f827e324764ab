// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Claims} from "../../../contracts/interfaces/IAttestationVerifier.sol";
import {Change, ChangeKind, PolicyTerms} from "../../../contracts/interfaces/IEnclavePolicies.sol";
import {IEnclaveRegistry, Registration} from "../../../contracts/interfaces/IEnclaveRegistry.sol";
import {IInferenceHub, RequestStatus} from "../../../contracts/interfaces/IInferenceHub.sol";
import {VersionSpec} from "../../../contracts/interfaces/IModelRegistry.sol";
import {ROLE_GPU} from "../../../contracts/interfaces/INodeRegistry.sol";
import {IProofAdapter} from "../../../contracts/interfaces/IProofAdapter.sol";
import {KEY_SECP256K1, ReceiptKey} from "../../../contracts/interfaces/IReceiptKey.sol";
import {EchoVerifier} from "../../../contracts/mocks/attestation/EchoVerifier.sol";
import {DigestVerifier} from "../../../contracts/mocks/proofs/DigestVerifier.sol";
import {RequestCodecTwin} from "../../../contracts/mocks/RequestCodecTwin.sol";
import {ModelRegistry} from "../../../contracts/registry/ModelRegistry.sol";
import {NodeRegistry} from "../../../contracts/registry/NodeRegistry.sol";
import {ModelId, NodeId, PolicyId, RequestId, VersionId} from "../../../contracts/types/Ids.sol";
import {ProofPolicy, ProofSelector} from "../../../contracts/types/ProofPolicy.sol";
import {Order, Request} from "../../../contracts/types/Request.sol";
import {Statement} from "../../../contracts/types/Statement.sol";
import {Callback, FLAG_PRICED, Payment, Ticket, toPayment, toTicket} from "../../../contracts/types/Words.sol";
import {
    deployEnclaveRegistry,
    deployInferenceHub,
    deployModelRegistry,
    deployNodeRegistry,
    deployZkmlAdapter
} from "../../support/Deploy.sol";
import {Hub} from "../../support/Hub.sol";
import {vm} from "../../support/Vm.sol";

/// @notice A hub over the real registries and adapters: a bonded node, an enclave key, a free and a priced version.
/// @dev Real but for two things: the attestation verifier believes its evidence, and the zk verifier takes the digest
/// of the public words for a proof.
abstract contract HubFixture {
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant NODE_KEY = 0x0DE;
    uint256 internal constant ENCLAVE_KEY = 0xE2C;
    uint256 internal constant CLIENT_KEY = 0xC11E;
    uint16 internal constant FEE_BPS = 250;
    uint16 internal constant ALL_KINDS = (1 << 1) | (1 << 4) | (1 << 5);
    uint96 internal constant AMOUNT = 1 ether;
    uint96 internal constant PRICE = 0.1 ether;
    address internal constant NATIVE = address(0);
    address internal constant OWNER = address(0xA11CE);
    address internal constant FEES = address(0xFEE5);
    address internal constant ROYALTIES = address(0xA0115);
    address internal constant OPERATOR = address(0x0BE7A702);
    address internal constant PAYEE = address(0x9A1EE);
    address internal constant STRANGER = address(0x57A1);
    bytes16 internal constant SIGNATURE = bytes16(bytes4(0x01000001));
    bytes16 internal constant TEE = bytes16(bytes4(0x04000001));
    bytes16 internal constant ZKML = bytes16(bytes4(0x05000001));
    bytes internal constant INPUT = "forty bytes of a canonical input tensor.";
    bytes internal constant OUTPUT = "eleven byte";

    Hub internal hub;
    ModelRegistry internal models;
    NodeRegistry internal nodes;
    IEnclaveRegistry internal enclaves;
    DigestVerifier internal zk;
    ModelId internal model;
    VersionId internal free;
    VersionId internal priced;
    NodeId internal node;
    PolicyId internal policy;
    address internal client;

    function setUp() public virtual {
        vm.chainId(31337);
        vm.warp(START);
        vm.roll(1000);
        client = vm.addr(CLIENT_KEY);
        models = deployModelRegistry();
        nodes = deployNodeRegistry(NATIVE, 1 ether, 30 days, OWNER);
        enclaves = deployEnclaveRegistry();
        IProofAdapter[] memory adapters = new IProofAdapter[](3);
        adapters[0] = nodes;
        adapters[1] = IProofAdapter(address(enclaves));
        adapters[2] = deployZkmlAdapter(models);
        hub = deployInferenceHub(OWNER, models, nodes, FEE_BPS, FEES, adapters);
        model = models.createModel(0);
        zk = new DigestVerifier(uint32(INPUT.length), uint32(OUTPUT.length), 0);
        free = publish(1, address(zk), Payment.wrap(0));
        priced = publish(2, address(zk), toPayment(NATIVE, PRICE));
        node = registerNode(NODE_KEY, PAYEE);
        registerEnclave();
    }

    // ---- what a requester does

    /// @dev A valid order: signature evidence, native coin, no callback, an hour to answer.
    function anOrder() internal view returns (Order memory order) {
        order.version = free;
        order.paramsHash = keccak256("params");
        order.proofs = ProofPolicy.wrap(SIGNATURE);
        order.payment = toPayment(NATIVE, AMOUNT);
        order.deadline = uint40(block.timestamp + 1 hours);
    }

    function anOrder(bytes16 proofs) internal view returns (Order memory order) {
        order = anOrder();
        order.proofs = ProofPolicy.wrap(proofs);
        if ((order.proofs.kinds() & (1 << 4)) != 0) order.enclavePolicy = policy;
    }

    function anOrder(Callback callback) internal view returns (Order memory order) {
        order = anOrder();
        order.callback = callback;
    }

    /// @dev Makes the request as `client` and lets a second pass, so that it can be answered.
    function open(Order memory order) internal returns (RequestId id, Request memory req) {
        (id, req) = openNow(order);
        vm.warp(block.timestamp + 1);
    }

    function openNow(Order memory order) internal returns (RequestId id, Request memory req) {
        uint256 value = order.payment.token() == NATIVE ? order.payment.amount() : 0;
        vm.deal(client, client.balance + value);
        req = requestOf(client, order, INPUT);
        vm.prank(client);
        id = hub.request{value: value}(order, INPUT);
        vm.assertTrue(id == RequestCodecTwin.requestId(address(hub), req, false), "the id is that of the twin");
    }

    /// @dev The request that `order` becomes now.
    function requestOf(
        address requester,
        Order memory order,
        bytes memory input
    ) internal view returns (Request memory) {
        Callback callback = order.callback;
        if (order.version == priced) callback = Callback.wrap(Callback.unwrap(callback) | FLAG_PRICED);
        uint56 stamp = uint56(block.timestamp << 16) | order.salt;
        Ticket ticket = toTicket(requester, order.deadline, stamp);
        return RequestCodecTwin.complete(order, keccak256(input), callback, ticket);
    }

    /// @dev A request to be signed off chain, of the same terms.
    function signable(Order memory order, uint56 nonce) internal view returns (RequestId id, Request memory req) {
        Ticket ticket = toTicket(client, order.deadline, nonce);
        req = RequestCodecTwin.complete(order, keccak256(INPUT), order.callback, ticket);
        id = RequestCodecTwin.requestId(address(hub), req, true);
    }

    // ---- what a node does

    /// @dev One good item of evidence for each selector of the request.
    function evidenceFor(
        RequestId id,
        Request memory req,
        bytes memory output,
        address beneficiary
    ) internal view returns (bytes[] memory evidence) {
        Statement memory claim = claimOf(id, req, output, beneficiary);
        evidence = new bytes[](req.proofs.count());
        for (uint256 i = 0; i < evidence.length; ++i) evidence[i] = prove(req.proofs.at(i), claim, INPUT, output);
    }

    function claimOf(
        RequestId id,
        Request memory req,
        bytes memory output,
        address beneficiary
    ) internal view returns (Statement memory) {
        return RequestCodecTwin.statementOf(address(hub), req, id, keccak256(output), beneficiary);
    }

    function prove(
        ProofSelector selector,
        Statement memory claim,
        bytes memory input,
        bytes memory output
    ) internal pure returns (bytes memory) {
        bytes32 digest = RequestCodecTwin.statementDigest(claim, selector);
        uint8 kind = selector.kind();
        if (kind != 5) return abi.encodePacked(selector, sign(kind == 4 ? ENCLAVE_KEY : NODE_KEY, digest));
        bytes32 words = keccak256(abi.encodePacked(RequestCodecTwin.publicWords(digest, input, output)));
        return abi.encodePacked(selector, abi.encode(words, 1, 2, 3, 4, 5, 6, 7), input);
    }

    function sign(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev Calldata of an honest answer.
    function answer(RequestId id, Request memory req) internal view returns (bytes memory) {
        return answer(id, req, OUTPUT, PAYEE);
    }

    function answer(
        RequestId id,
        Request memory req,
        bytes memory output,
        address beneficiary
    ) internal view returns (bytes memory) {
        return
            abi.encodeCall(IInferenceHub.fulfil, (req, output, beneficiary, evidenceFor(id, req, output, beneficiary)));
    }

    function settle(RequestId id, Request memory req) internal {
        passes(STRANGER, 0, answer(id, req), "an honest answer");
    }

    /// @dev Calldata of the settling of a signed request, with a good signature of the client.
    function signedAnswer(RequestId id, Request memory req) internal view returns (bytes memory) {
        return signedAnswer(id, req, sign(CLIENT_KEY, RequestId.unwrap(id)));
    }

    function signedAnswer(
        RequestId id,
        Request memory req,
        bytes memory signature
    ) internal view returns (bytes memory) {
        bytes[] memory evidence = evidenceFor(id, req, OUTPUT, PAYEE);
        return abi.encodeCall(IInferenceHub.settleSigned, (req, signature, OUTPUT, PAYEE, evidence));
    }

    // ---- calls and their outcomes

    function passes(address from, uint256 value, bytes memory data, string memory what) internal {
        vm.prank(from);
        (bool ok, bytes memory reason) = address(hub).call{value: value}(data);
        if (!ok) vm.assertEq(string(reason), "", string.concat(what, ": refused"));
        vm.assertTrue(ok, string.concat(what, ": refused"));
    }

    /// @dev The call must fail with exactly `reason`.
    function refuses(address from, uint256 value, bytes memory data, bytes memory reason, string memory what) internal {
        vm.prank(from);
        (bool ok, bytes memory received) = address(hub).call{value: value}(data);
        vm.assertFalse(ok, string.concat(what, ": accepted"));
        vm.assertEq(string(received), string(reason), string.concat(what, ": another reason"));
    }

    function refuses(bytes memory data, bytes memory reason, string memory what) internal {
        refuses(STRANGER, 0, data, reason, what);
    }

    function notPending(RequestId id, RequestStatus status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IInferenceHub.RequestNotPending.selector, id, status);
    }

    function creditOf(address token, address account) internal view returns (uint256 balance) {
        (balance, , ) = hub.creditOf(token, account);
    }

    function assertStatus(RequestId id, RequestStatus status, string memory what) internal view {
        vm.assertEq(uint8(hub.status(id)), uint8(status), what);
    }

    /// @dev Gives the client `amount` of native credit.
    function fundCredit(address account, uint96 amount) internal {
        vm.deal(address(this), amount);
        hub.deposit{value: amount}(NATIVE, account, amount);
    }

    // ---- the world

    function publish(uint16 minor, address verifier, Payment price) internal returns (VersionId) {
        return
            models.publishVersion(
                model,
                VersionSpec({
                    major: 1,
                    minor: minor,
                    kinds: ALL_KINDS,
                    verifier: verifier,
                    price: price,
                    royaltyReceiver: price.amount() == 0 ? address(0) : ROYALTIES,
                    manifestDigest: keccak256("manifest"),
                    uri: ""
                })
            );
    }

    function registerNode(uint256 key, address payee) internal returns (NodeId) {
        bytes32 structHash = keccak256(
            abi.encode(keccak256("RegisterNode(address operator,address payee,uint8 roles)"), OPERATOR, payee, ROLE_GPU)
        );
        bytes32 domain = keccak256(
            abi.encode(
                RequestCodecTwin.DOMAIN_TYPEHASH,
                keccak256("Assay NodeRegistry"),
                keccak256("1"),
                block.chainid,
                nodes
            )
        );
        bytes memory possession = sign(key, RequestCodecTwin.digest(domain, structHash));
        vm.deal(OPERATOR, 1 ether);
        vm.prank(OPERATOR);
        return nodes.register{value: 1 ether}(vm.addr(key), payee, ROLE_GPU, 1 ether, "", possession);
    }

    function registerEnclave() private {
        Registration memory made;
        made.verifier = new EchoVerifier(keccak256("echo"));
        made.scheme = enclaves.CANONICAL_BINDING();
        PolicyTerms memory terms;
        (terms.delay, terms.maxKeyAge, terms.statuses) = (1 days, 300 days, 1);
        Change[] memory changes = new Change[](3);
        changes[0].subject = bytes32(uint256(uint160(address(made.verifier))));
        (changes[1].kind, changes[1].subject) = (ChangeKind.Scheme, bytes32(uint256(uint160(address(made.scheme)))));
        (changes[2].kind, changes[2].subject) = (ChangeKind.Measurement, keccak256("measurement"));
        changes[2].value = (START << 40) | (START + 365 days);
        policy = enclaves.createPolicy(terms, changes, 0);

        (made.policy, made.challengeBlock) = (policy, block.number - 1);
        made.key = ReceiptKey(KEY_SECP256K1, abi.encodePacked(vm.addr(ENCLAVE_KEY)));
        bytes32 challenge = keccak256(abi.encode(blockhash(block.number - 1), OPERATOR));
        Claims memory claims;
        claims.format = keccak256("echo");
        claims.measurement = keccak256("measurement");
        claims.bind0 = enclaves.bindingOf(policy, OPERATOR, made.key, "", 0, challenge);
        claims.notAfter = uint64(START + 365 days);
        made.evidence = abi.encode(claims);
        made.keySignature = sign(ENCLAVE_KEY, claims.bind0);
        vm.prank(OPERATOR);
        enclaves.registerKey(made);
    }
}
