// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {ModelId, VersionId} from "../types/Ids.sol";
import {Payment} from "../types/Words.sol";

/// @notice Where a version stands. `Deprecated` still answers; `Revoked` is final and answers nothing new.
enum VersionStatus {
    None,
    Active,
    Deprecated,
    Revoked
}

/// @notice What the owner publishes; none of it can change afterwards.
/// @param major Grows when answers may differ.
/// @param minor Grows when they may not.
/// @param kinds Proof kinds the owner accepts, as a set: bit `k` for kind `k`.
/// @param verifier `IZkVerifier` of the version's circuit; zero when `kinds` has no zk proof.
/// @param price Token and amount the royalty receiver gets of each answer.
/// @param royaltyReceiver Who gets it; zero only when the price is zero.
/// @param manifestDigest SHA-256 of the canonical manifest JSON (RFC 8785).
/// @param uri Where the manifest can be found; not trusted, the digest decides.
struct VersionSpec {
    uint16 major;
    uint16 minor;
    uint16 kinds;
    address verifier;
    Payment price;
    address royaltyReceiver;
    bytes32 manifestDigest;
    string uri;
}

/// @notice What the registry knows of a version.
struct VersionInfo {
    ModelId model;
    VersionStatus status;
    VersionSpec spec;
}

/// @notice Models, their owners and their versions. Open to anyone.
/// @dev Not checked here: that a manifest exists at its URI, that the model is any good, that a verifier's circuit
/// computes the manifest's model (compile it again and compare `graphDigest` and `verifyingKeyHash` to know).
interface IModelRegistry {
    /// @notice Emitted after a model was made.
    event ModelCreated(ModelId indexed model, address indexed owner, bytes32 salt);

    /// @notice Emitted after a version was published, with all that never changes of it.
    event VersionPublished(VersionId indexed version, ModelId indexed model, VersionSpec spec);

    /// @notice Emitted after a version was deprecated, restored or revoked.
    event VersionStatusChanged(VersionId indexed version, VersionStatus status);

    /// @notice Emitted after a model was offered to `to`; zero withdraws the offer.
    event OwnershipOffered(ModelId indexed model, address indexed from, address indexed to);

    /// @notice Emitted after `to` took a model over.
    event OwnershipTransferred(ModelId indexed model, address indexed from, address indexed to);

    error ModelExists(ModelId model);
    error ModelUnknown(ModelId model);
    error VersionExists(VersionId version);
    error VersionUnknown(VersionId version);
    error NotModelOwner(ModelId model, address caller, address owner);
    error NotOfferedOwner(ModelId model, address caller, address offered);
    /// @notice Thrown when a set of kinds is empty, or names kind 0 or a kind above 15.
    error KindsInvalid(uint16 kinds);
    error ManifestDigestZero();
    error UriTooLong(uint256 received, uint256 limit);
    /// @notice Thrown when a version with a zk kind has no verifier that answers as `IZkVerifier`, or one without it has
    /// one.
    error VerifierInvalid(address verifier);
    /// @notice Thrown when a verifying key of a development setup is bound on a chain that is not local.
    error DevelopmentSetupOnLiveNetwork(uint256 chainId, address verifier);
    /// @notice Thrown unless the price's amount and its receiver are both set, or price and receiver are zero throughout.
    error RoyaltyReceiverInvalid(address receiver, Payment price);
    /// @notice Thrown when a status change is not Active to Deprecated, Deprecated to Active, or either to Revoked.
    error StatusChangeInvalid(VersionId version, VersionStatus from, VersionStatus to);
    error VersionRevoked(VersionId version);
    /// @notice Thrown when a version that takes no zk proof is asked for its circuit.
    error CircuitMissing(VersionId version);

    /// @notice Makes a model owned by the caller. `salt` tells the caller's models apart.
    function createModel(bytes32 salt) external returns (ModelId);

    /// @notice Publishes an immutable version. Owner of the model only.
    function publishVersion(ModelId model, VersionSpec calldata spec) external returns (VersionId);

    /// @notice Deprecates, restores or revokes a version. Owner of the model only; revoking is final.
    function setVersionStatus(VersionId version, VersionStatus status) external;

    /// @notice Offers the model to `to`, who must accept. Zero withdraws the offer.
    function offerOwnership(ModelId model, address to) external;

    /// @notice Takes over a model that was offered to the caller.
    function acceptOwnership(ModelId model) external;

    /// @notice Id of the model that `creator` makes, or made, here with `salt`.
    function modelIdOf(address creator, bytes32 salt) external view returns (ModelId);

    /// @notice Id of a version, published or not.
    function versionIdOf(ModelId model, uint16 major, uint16 minor) external pure returns (VersionId);

    /// @notice Owner of a model; reverts when there is no such model.
    function ownerOf(ModelId model) external view returns (address);

    /// @notice What is known of a version; reverts when it was never published.
    function versionOf(VersionId version) external view returns (VersionInfo memory);

    /// @notice What the hub needs to take a request. `None` for an unknown version; never reverts.
    function requestTerms(VersionId version) external view returns (VersionStatus status, uint16 kinds, bool priced);

    /// @notice Price and receiver of a version; a zero price and receiver when it has none.
    function royaltyOf(VersionId version) external view returns (Payment price, address receiver);

    /// @notice Verifier of a version's circuit, lengths of input and output, and how they are bound (`IZkVerifier.binding`);
    /// reverts when the version is revoked or has none.
    function circuitOf(
        VersionId version
    ) external view returns (address verifier, uint32 inputBytes, uint32 outputBytes, uint8 binding);
}
