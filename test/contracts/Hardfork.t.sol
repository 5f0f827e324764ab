// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

interface VmEnv {
    function envOr(string calldata name, string calldata fallbackValue) external view returns (string memory);
}

/// @notice Shows that `npm test` runs on osaka and `npm run test:prague` on prague: only osaka has P256VERIFY.
contract HardforkTest {
    VmEnv private constant VM = VmEnv(address(uint160(uint256(keccak256("hevm cheat code")))));
    address private constant P256VERIFY = address(0x100);

    /// @dev A valid signature over P-256: hash, r, s, x, y.
    bytes private constant VALID =
        hex"4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4d"
        hex"a73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac"
        hex"36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d60"
        hex"4aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff3"
        hex"7618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e";

    function test_p256Precompile_isThereExactlyOnOsaka() external view {
        (bool ok, bytes memory answer) = P256VERIFY.staticcall(VALID);
        bool prague = keccak256(bytes(VM.envOr("HARDHAT_NETWORK", ""))) == keccak256("prague");
        require(ok, "a call without code succeeds too");
        require(answer.length == (prague ? 0 : 32), "the hardfork is not the one this run is for");
    }
}
