// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";

/// @notice How a `MoodyWallet` judges a signature.
enum Verdict {
    Approved,
    Always,
    Revert,
    Nothing,
    Short,
    WrongMagic,
    DirtyMagic,
    BurnGas,
    Bomb,
    RevertBomb
}

/// @notice An ERC-1271 wallet. `Approved` says yes to digests approved before, the other verdicts are as they are named.
contract MoodyWallet is IERC1271 {
    uint256 private constant BOMB_BYTES = 1 << 20;

    Verdict public verdict;
    mapping(bytes32 digest => bool approved) public approved;

    receive() external payable {}

    /// @notice Sets how to judge from now on.
    function setVerdict(Verdict verdict_) external {
        verdict = verdict_;
    }

    /// @notice Has `digest` approved, with any signature.
    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    /// @notice Calls `target` as this wallet, passing on its error.
    function forward(address target, bytes calldata data) external payable returns (bytes memory) {
        (bool ok, bytes memory answer) = target.call{value: msg.value}(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        Verdict now_ = verdict;
        require(now_ != Verdict.Revert, "no");
        if (now_ == Verdict.BurnGas) {
            while (true) {}
        }
        bytes32 magic = bytes32(IERC1271.isValidSignature.selector);
        if (now_ == Verdict.WrongMagic || (now_ == Verdict.Approved && !approved[digest])) magic = ~magic;
        if (now_ == Verdict.DirtyMagic) magic |= bytes32(uint256(1));
        uint256 size = 32;
        if (now_ == Verdict.Nothing) size = 0;
        if (now_ == Verdict.Short) size = 31;
        if (now_ == Verdict.Bomb || now_ == Verdict.RevertBomb) size = BOMB_BYTES;
        bool reverts = now_ == Verdict.RevertBomb;
        assembly ("memory-safe") {
            let at := mload(0x40)
            mstore(at, magic)
            if reverts {
                revert(at, size)
            }
            return(at, size)
        }
    }
}
