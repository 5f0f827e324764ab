// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry, VersionInfo, VersionSpec, VersionStatus} from "../interfaces/IModelRegistry.sol";
import {SetupKind} from "../interfaces/IZkVerifier.sol";
import {CircuitProbe} from "../libraries/CircuitProbe.sol";
import {ModelId, VersionId} from "../types/Ids.sol";
import {isLocalChain} from "../types/Limits.sol";
import {ProofKind} from "../types/ProofPolicy.sol";
import {Payment} from "../types/Words.sol";

/// @notice Models, their owners and their versions. Open to anyone; nobody stands above the owners.
contract ModelRegistry is IModelRegistry {
    /// @notice Longest manifest URI, in bytes.
    uint256 public constant MAX_URI_BYTES = 512;

    uint16 private constant ZKML_BIT = uint16(1 << uint8(ProofKind.Zkml));

    struct Model {
        address owner;
        address offered;
    }

    /// @dev One slot: what a request is checked against.
    struct Terms {
        VersionStatus status;
        uint16 kinds;
        bool priced;
        uint16 major;
        uint16 minor;
    }

    /// @dev One slot: what a zk proof is checked against. `revoked` mirrors the status, so that no second slot is read.
    struct Circuit {
        address verifier;
        uint32 inputBytes;
        uint32 outputBytes;
        uint8 binding;
        bool revoked;
    }

    struct Royalty {
        Payment price;
        address receiver;
    }

    struct Manifest {
        ModelId model;
        bytes32 digest;
        string uri;
    }

    /// @dev INV-M1: a model that exists has an owner. `createModel` and `acceptOwnership` are the only writers of
    /// `owner`, and both write their caller.
    mapping(ModelId model => Model record) private _models;

    /// @dev INV-M2: once a version has a status, only the status can change, and never from Revoked: `publishVersion`
    /// refuses a version that has one, and `setVersionStatus` refuses to move a revoked one.
    mapping(VersionId version => Terms record) private _terms;

    /// @dev INV-M3: `revoked` here exactly when the version's status is Revoked; `setVersionStatus` writes both.
    mapping(VersionId version => Circuit record) private _circuits;

    /// @dev INV-M4: the amount is zero exactly when the receiver is, and then the whole price is zero.
    mapping(VersionId version => Royalty record) private _royalties;

    mapping(VersionId version => Manifest record) private _manifests;

    /// @inheritdoc IModelRegistry
    function createModel(bytes32 salt) external returns (ModelId model) {
        model = modelIdOf(msg.sender, salt);
        require(_models[model].owner == address(0), ModelExists(model));
        _models[model].owner = msg.sender;
        emit ModelCreated(model, msg.sender, salt);
    }

    /// @inheritdoc IModelRegistry
    function offerOwnership(ModelId model, address to) external {
        _requireOwner(model);
        _models[model].offered = to;
        emit OwnershipOffered(model, msg.sender, to);
    }

    /// @inheritdoc IModelRegistry
    function acceptOwnership(ModelId model) external {
        address from = ownerOf(model);
        address offered = _models[model].offered;
        require(msg.sender == offered, NotOfferedOwner(model, msg.sender, offered));
        _models[model] = Model({owner: msg.sender, offered: address(0)});
        emit OwnershipTransferred(model, from, msg.sender);
    }

    /// @inheritdoc IModelRegistry
    function publishVersion(ModelId model, VersionSpec calldata spec) external returns (VersionId version) {
        _requireOwner(model);
        version = versionIdOf(model, spec.major, spec.minor);
        require(_terms[version].status == VersionStatus.None, VersionExists(version));
        require(spec.kinds != 0 && spec.kinds & 1 == 0, KindsInvalid(spec.kinds));
        require(spec.manifestDigest != 0, ManifestDigestZero());
        require(bytes(spec.uri).length <= MAX_URI_BYTES, UriTooLong(bytes(spec.uri).length, MAX_URI_BYTES));
        bool priced = _requireRoyalty(spec.price, spec.royaltyReceiver);
        Circuit memory circuit = _requireCircuit(spec.kinds, spec.verifier);

        _terms[version] = Terms({
            status: VersionStatus.Active,
            kinds: spec.kinds,
            priced: priced,
            major: spec.major,
            minor: spec.minor
        });
        if (circuit.verifier != address(0)) _circuits[version] = circuit;
        if (priced) _royalties[version] = Royalty({price: spec.price, receiver: spec.royaltyReceiver});
        _manifests[version] = Manifest({model: model, digest: spec.manifestDigest, uri: spec.uri});
        emit VersionPublished(version, model, spec);
    }

    /// @inheritdoc IModelRegistry
    function setVersionStatus(VersionId version, VersionStatus status) external {
        VersionStatus from = _terms[version].status;
        require(from != VersionStatus.None, VersionUnknown(version));
        _requireOwner(_manifests[version].model);
        bool allowed = from != VersionStatus.Revoked && status != VersionStatus.None && status != from;
        require(allowed, StatusChangeInvalid(version, from, status));
        _terms[version].status = status;
        if (status == VersionStatus.Revoked) _circuits[version].revoked = true;
        emit VersionStatusChanged(version, status);
    }

    /// @inheritdoc IModelRegistry
    function requestTerms(VersionId version) external view returns (VersionStatus status, uint16 kinds, bool priced) {
        Terms storage terms = _terms[version];
        return (terms.status, terms.kinds, terms.priced);
    }

    /// @inheritdoc IModelRegistry
    function royaltyOf(VersionId version) external view returns (Payment price, address receiver) {
        Royalty storage royalty = _royalties[version];
        return (royalty.price, royalty.receiver);
    }

    /// @inheritdoc IModelRegistry
    function circuitOf(
        VersionId version
    ) external view returns (address verifier, uint32 inputBytes, uint32 outputBytes, uint8 binding) {
        Circuit memory circuit = _circuits[version];
        require(!circuit.revoked, VersionRevoked(version));
        if (circuit.verifier == address(0)) {
            // The second slot is read on the way to a revert only.
            require(_terms[version].status != VersionStatus.None, VersionUnknown(version));
            revert CircuitMissing(version);
        }
        return (circuit.verifier, circuit.inputBytes, circuit.outputBytes, circuit.binding);
    }

    /// @inheritdoc IModelRegistry
    function versionOf(VersionId version) external view returns (VersionInfo memory) {
        Terms memory terms = _terms[version];
        require(terms.status != VersionStatus.None, VersionUnknown(version));
        Manifest memory manifest = _manifests[version];
        Royalty memory royalty = _royalties[version];
        return
            VersionInfo({
                model: manifest.model,
                status: terms.status,
                spec: VersionSpec({
                    major: terms.major,
                    minor: terms.minor,
                    kinds: terms.kinds,
                    verifier: _circuits[version].verifier,
                    price: royalty.price,
                    royaltyReceiver: royalty.receiver,
                    manifestDigest: manifest.digest,
                    uri: manifest.uri
                })
            });
    }

    /// @inheritdoc IModelRegistry
    function ownerOf(ModelId model) public view returns (address owner) {
        owner = _models[model].owner;
        require(owner != address(0), ModelUnknown(model));
    }

    /// @inheritdoc IModelRegistry
    function modelIdOf(address creator, bytes32 salt) public view returns (ModelId) {
        return ModelId.wrap(keccak256(abi.encode(block.chainid, address(this), creator, salt)));
    }

    /// @inheritdoc IModelRegistry
    function versionIdOf(ModelId model, uint16 major, uint16 minor) public pure returns (VersionId) {
        return VersionId.wrap(keccak256(abi.encode(model, major, minor)));
    }

    function _requireOwner(ModelId model) private view {
        address owner = ownerOf(model);
        require(msg.sender == owner, NotModelOwner(model, msg.sender, owner));
    }

    /// @dev A price has an amount and a receiver, or the whole of it is zero.
    function _requireRoyalty(Payment price, address receiver) private pure returns (bool priced) {
        priced = price.amount() != 0;
        bool whole = priced ? receiver != address(0) : receiver == address(0) && Payment.unwrap(price) == 0;
        require(whole, RoyaltyReceiverInvalid(receiver, price));
    }

    function _requireCircuit(uint16 kinds, address verifier) private view returns (Circuit memory circuit) {
        if (kinds & ZKML_BIT == 0) {
            require(verifier == address(0), VerifierInvalid(verifier));
            return circuit;
        }
        CircuitProbe.Answer memory answer = CircuitProbe.read(verifier);
        require(answer.valid, VerifierInvalid(verifier));
        require(
            answer.setup != SetupKind.Development || isLocalChain(block.chainid),
            DevelopmentSetupOnLiveNetwork(block.chainid, verifier)
        );
        return
            Circuit({
                verifier: verifier,
                inputBytes: answer.inputBytes,
                outputBytes: answer.outputBytes,
                binding: answer.binding,
                revoked: false
            });
    }
}
