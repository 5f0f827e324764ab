// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Changes calls byte by byte and reports what is taken all the same, or refused without a reason.
contract CallProbe {
    /// @notice Calls `target` with `data`, each time with a bit flipped in one of its bytes from `from` to before `until`:
    /// bit `i % 8` in byte `i`.
    /// @return accepted How many of the calls succeed.
    /// @return silent How many revert with less than a selector.
    /// @return last The position of the last of either.
    /// @return dearest The most gas a call takes.
    function probe(
        address target,
        bytes memory data,
        uint256 from,
        uint256 until
    ) external returns (uint256 accepted, uint256 silent, uint256 last, uint256 dearest) {
        for (uint256 i = from; i < until; ++i) {
            bytes1 mask = bytes1(uint8(1 << (i % 8)));
            data[i] ^= mask;
            uint256 left = gasleft();
            (bool ok, bytes memory answer) = target.call(data);
            left -= gasleft();
            if (left > dearest) dearest = left;
            if (ok) (accepted, last) = (accepted + 1, i);
            else if (answer.length < 4) (silent, last) = (silent + 1, i);
            data[i] ^= mask;
        }
    }
}
