// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IProofAdapter} from "../interfaces/IProofAdapter.sol";
import {IProofRouter} from "../interfaces/IProofRouter.sol";
import {AdapterCall} from "../libraries/AdapterCall.sol";
import {ProofPolicy, ProofSelector} from "../types/ProofPolicy.sol";
import {Statement} from "../types/Statement.sol";

/// @notice Routes evidence to the adapter named by its first four bytes.
/// @dev The hub inherits it, which saves a cold call for each answer (docs/decisions/009-router-in-hub.md).
abstract contract ProofRouter is IProofRouter, Ownable2Step {
    /// @dev Stands where a retired adapter stood. INV-R1: once a selector has an entry it never becomes zero or another
    /// adapter again: `addAdapter` refuses a set key and `retireAdapter` writes the tombstone.
    address private constant TOMBSTONE = address(1);

    mapping(ProofSelector selector => address adapter) private _adapters;

    constructor(address owner, IProofAdapter[] memory adapters) Ownable(owner) {
        for (uint256 i = 0; i < adapters.length; ++i) {
            _addAdapter(adapters[i]);
        }
    }

    /// @inheritdoc IProofRouter
    function addAdapter(IProofAdapter adapter) external onlyOwner {
        _addAdapter(adapter);
    }

    /// @inheritdoc IProofRouter
    function retireAdapter(ProofSelector selector) external onlyOwner {
        IProofAdapter adapter = adapterOf(selector);
        _adapters[selector] = TOMBSTONE;
        emit AdapterRetired(selector, adapter);
    }

    /// @inheritdoc IProofRouter
    function adapterOf(ProofSelector selector) public view returns (IProofAdapter) {
        address adapter = _adapters[selector];
        require(adapter != address(0), SelectorUnknown(selector));
        require(adapter != TOMBSTONE, SelectorRetired(selector));
        return IProofAdapter(adapter);
    }

    /// @dev Whether evidence for `selector` can be routed now.
    function _isRouted(ProofSelector selector) internal view returns (bool) {
        return uint160(_adapters[selector]) > uint160(TOMBSTONE);
    }

    /// @dev Reverts unless there is exactly one item of evidence for each selector of `policy`, in its order, and the
    /// adapter of each accepts it.
    function _requireEvidence(
        ProofPolicy policy,
        Statement memory statement,
        bytes calldata output,
        bytes[] calldata evidence
    ) internal view {
        // The policy in the upper half of a word; each turn takes the topmost selector off.
        uint256 rest = uint256(uint128(ProofPolicy.unwrap(policy))) << 128;
        uint256 i = 0;
        while (rest != 0) {
            require(i < evidence.length, EvidenceCountMismatch(evidence.length, policy.count()));
            bytes calldata item = evidence[i];
            bytes4 expected = bytes4(bytes32(rest));
            require(bytes4(item) == expected, EvidenceSelectorMismatch(bytes4(item), expected));
            ProofSelector selector = ProofSelector.wrap(expected);
            AdapterCall.requireAccepted(adapterOf(selector), selector, statement, output, item);
            rest <<= 32;
            // i < evidence.length, so it cannot wrap.
            unchecked {
                ++i;
            }
        }
        require(i == evidence.length, EvidenceCountMismatch(evidence.length, i));
    }

    function _addAdapter(IProofAdapter adapter) private {
        require(address(adapter).code.length != 0, AdapterInvalid(address(adapter), ProofSelector.wrap(0)));
        ProofSelector selector = adapter.selector();
        uint8 kind = selector.kind();
        require(kind != 0 && kind < 16, AdapterInvalid(address(adapter), selector));
        require(_adapters[selector] == address(0), SelectorTaken(selector));
        _adapters[selector] = address(adapter);
        emit AdapterAdded(selector, adapter);
    }
}
