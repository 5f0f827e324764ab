// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Point384} from "./P384Field.sol";

/// @notice Constant points of `P384`, 96 bytes each: x and y as Montgomery residues (x * (2^256 - 1) mod p), big-endian.
/// @dev Three points have nobody's discrete logarithm: F, V and S have the first x of SHA-384("Assay P-384 fixed i"),
/// "variable" and "start", i = 0, 1, ..., that is an x of the curve, and the even y. The tests make all of them again.
library P384Points {
    /// @notice F + a * G / 2 + b * 2^192 * G / 2 at index 4a + b, for a and b in 0..3; then V, S and E, the end of the sum
    /// when all scalars are 0: E = 4^96 * S + (2 * F + V) * (4^96 - 1) / 3.
    bytes internal constant ALL =
        hex"81d927b70d87c694a4b1dd823711864741378ec39c2ebd05e9f27b132cb38e722b1357aa6110cc6f601c710a01b44ac1"
        hex"bfd5992e6d2332e661a88f8483f48e90c8a7ef808f34d00b79dde66a37174a29db3d66aee09b4cdd0da45df0e2a556bd"
        hex"75a4316ef2ecf3ca29328b2cccc4994155a2a5765e4df0f0d117491fc7257fa24204d245acbd3b066bfafa202310643d"
        hex"964b61d667784643b37bdf073f6501240122e581e93cb8223fc9ae88982e974440d9945caec947ce440c2e08fc7eff8a"
        hex"91b844977932204e7cea449689383babd18d503a62053a5acd289fbbe40e9299c12125305420af92e0851fcb75db244e"
        hex"da8c3535237d50d7ff3b86ae997b4aeade3f6c5af2b9627ea1f879f2ce607a6147613fe06d27dbbddd3a5ec66c10ab0c"
        hex"55130eae040e39788473140fdf8ddf65f8841991dc8ef11cfb9fb5fc7a57cd0e3cd52a2ec81eb8f78b83b2c6359f0ec5"
        hex"d53916b8a350fd01992d6a88bb20fa1e37020ad9bd2cbe0259331f79ff944fd6802bd6b022d536639f0a74f87cd8b155"
        hex"3628dcdd254250d64a0842d45e7174fd41840bbe259f89b1a34af1890970a02110622ce7ba974a9deffc4291ab541048"
        hex"b377e418588b87feffec53938bd11d7061cd96d73047e1479d1c13acb0faca52358773c1b74d967acebe2ebdff01e4a2"
        hex"213a1033f2010d6d3046d4f746a135f3ff2f4373ee4a46c85e0f6d38b8901cdd9f2c113edad56c5cf6be9c882c4ef8ff"
        hex"460233359837d325def408156ef4c1b454b4b6898596ecf35b90319d0b2e2f1a8db51f01f962047771515d2890e5ab44"
        hex"6172dd5844278c29914fa48e8d2a0d651f4756e614abadf89dc137cf87820034c8eb064d221cc40b35b9a5d1b868355f"
        hex"dc227d233c91cc96e60edc953a821a727732863249469818851ca84524e823b4f43d3d196a728b3117fd9b2b5d1d471f"
        hex"0a496ec1296d14b2f1d7abd67aa322acc05924841d5329fe32378432c782ca2da5c0f211c64c206a9e911dd3b2458ae7"
        hex"bfea27773ce8557db5cbb8762e177eba2e0e858ec511fba92f39ea583e5541800b545e03a9cda9cf7cc6daf59c656f35"
        hex"94428a19cb9debe8237b7943587c4b49b693a3f6dacf42d5c4cb43aaff5bf9586e2cd5c8f073719d519603f36bb1c5d5"
        hex"e6e17eadb18a5f96be99da0ae0442c79c0c08caf7e59cbaae141b6d5a5f07b803d9d494931ceabad45d95e8df3f598ce"
        hex"5377fa642539eb650176daa276b93ec78730acc57fd1a9c257b6d1fc8e7cbc04d0b4b34c57e01558d8bb76cdcc4fd4d6"
        hex"d2011b7837f2052c002ecf351bd2e29744265aba93b905995e791a813229fe6bb6edcd5e5bd9f6a3c12cfb63eac02169"
        hex"8054cfee45805cb0f168c527f9887c5a7eb56dc77ba3ff9a88cef728f6f0f9f889fceef2f1ef58d390bf5c0601fec461"
        hex"079fd3c52a6d92d2bac18caa4796de4dd6c57b2cceeb966f782dea26543b99e0bc07c5c2ef6dba5da4c05d1acd892019"
        hex"549323e5acc69b7b10fde5a28d18e4542271ff33036df0db8f2145d4e24055be01ea864e9e862b87babd445de919d7ea"
        hex"d8397eb7f45388481d836ddc02f000e100991d2defc43d2371e8909b0079390c300d542a95da3be067fc2befcd31cd58"
        hex"2be57f51d34dc73b6e451343817d994a178cdcc05fc1cd7f34f66d7dac82056b3eda08c9d91006ecb56908e22fffa689"
        hex"e03511ea71ae9d6862b484e11cf5376716b7b772f0333303a8910aa248f6f19505818fab85eb9c3674a5ed83e2d172a3"
        hex"1475965e0051cbff9a257a18c07658bf14a582da1300d1fd86cabca35d84fe69179b82f353c79f049ca1dc4581511a6e"
        hex"7b36fdd64b3e293ac05df45cf14a36cd00148f9c137e7290b58ae2a1cb5b033c79f21a42d2f58f4a8d63260532905348"
        hex"2b42ee61590cf7f072d16372836f4e288e811669fc3d4d3ec1ec49af78ea76bc808afaeac99a991a2b1ce68c188331f4"
        hex"137763b31d00beccd59a1e8a432aff830e65eaf8a1103610195078d9ad27154a39b083a88193502802c37faa82ee9ded"
        hex"92d054cb585f1624f111c67ff21181952e57a1d24cd46ee6f112f6b43411402c3c36b8bf37dd18cde82fb1cc7dd7e45b"
        hex"142074291fe7c0a1025f8e3d49da4df931fbda5082b82bb46a8784675e1b36dc79ef529923ccf30acf25e18a0ca13d32"
        hex"865b4300667e2b99d43c3960cfd7cd062e3b2fadfa8e0f1045f5b6a6e70eaaf7752d88f3af863d5917cfa2415a5be047"
        hex"9923c7d929386a7852d6ce45db8cdd881d960c6b57714f8df2d8a8ff16795c698881c4e973baccce75f87be242ec42ad"
        hex"9a240812479c7884529e982c533c7b562728115ebcbd5a441381ec3cfc4196fee8389583a04734a90c8f5357b1f69104"
        hex"846d2e46a3ef64ae7f87c211632dc3995ba154cb8943b3ebc6ea561a8e2342d99a1b6310855fca485743df969a031147"
        hex"2be3819d488e31e246e4c43a9435473d303820eea337e9472675324e3ef0bcabfa65051c2b10d74dc5e8c4af8c748db8"
        hex"b509fe211af235bb73240ec5b1e80b2ec019c15b6d1bb93bd5e29db53e90c1658c25615600a4cb104a911d1c52366c7d";

    /// @notice The point at `index` of `all`, which is `ALL` in memory.
    function at(bytes memory all, uint256 index) internal pure returns (Point384 memory point) {
        assembly ("memory-safe") {
            let from := add(add(all, 0x20), mul(index, 96))
            let x := mload(point)
            let y := mload(add(point, 0x20))
            mstore(x, shr(128, mload(from)))
            mstore(add(x, 0x20), mload(add(from, 0x10)))
            mstore(y, shr(128, mload(add(from, 0x30))))
            mstore(add(y, 0x20), mload(add(from, 0x40)))
        }
    }
}
