// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/// @notice Bytes kept as the code of an account: about 200 gas a byte to write, and one cold access to read.
/// @dev The code begins with a zero byte (STOP), so that nobody can run or destroy it.
library Blob {
    /// @dev Most bytes in one blob: EIP-170's limit less the zero byte.
    uint256 internal constant MAX_BYTES = 24_575;

    /// @notice Thrown when there is more to keep than a blob holds.
    error BlobTooLong(uint256 received, uint256 limit);

    /// @notice Thrown when the account could not be made, for want of gas.
    error BlobNotWritten();

    /// @notice Keeps `data`. Nothing is kept where it is empty, and the answer is zero.
    function write(bytes memory data) internal returns (address blob) {
        if (data.length == 0) return address(0);
        require(data.length <= MAX_BYTES, BlobTooLong(data.length, MAX_BYTES));
        // PUSH2 length, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN; then STOP and the data.
        bytes memory code = bytes.concat(hex"61", bytes2(uint16(data.length + 1)), hex"80600a3d393df300", data);
        assembly ("memory-safe") {
            blob := create(0, add(code, 0x20), mload(code))
        }
        require(blob != address(0), BlobNotWritten());
    }

    /// @notice The bytes that `blob` keeps; none for zero. `blob` must be of `write`.
    function read(address blob) internal view returns (bytes memory data) {
        if (blob == address(0)) return data;
        uint256 length = blob.code.length - 1;
        data = new bytes(length);
        assembly ("memory-safe") {
            extcodecopy(blob, add(data, 0x20), 1, length)
        }
    }
}
