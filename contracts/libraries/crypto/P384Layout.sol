// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

// Constants of `P384Table` and `P384Ladder`. What is added to keep a difference positive is a multiple of p, given modulo
// 2^256 (W) and modulo 2^256 - 2 (2), there less 1 or 2 where not(a) = 1 - a takes the place of -a.

/// @dev 19p, 40p, 55p and 2^32 * p.
uint256 constant P384_NEAR_W = 0xffffffffffffffffffffffffffffffecffffffed0000000000000012ffffffed;
uint256 constant P384_NEAR_2 = 0x00000000000000000000000000000012ffffffed0000000000000012ffffffed;
uint256 constant P384_BACK_W = 0xffffffffffffffffffffffffffffffd7ffffffd80000000000000027ffffffd8;
uint256 constant P384_BACK_2_LESS_1 = 0x00000000000000000000000000000027ffffffd80000000000000027ffffffd7;
uint256 constant P384_FAR_W = 0xffffffffffffffffffffffffffffffc8ffffffc90000000000000036ffffffc9;
uint256 constant P384_FAR_2_LESS_1 = 0x00000000000000000000000000000036ffffffc90000000000000036ffffffc8;
uint256 constant P384_SHIFT_W = 0xfffffffffffffffffffffffeffffffff0000000000000000ffffffff00000000;
uint256 constant P384_SHIFT_2_LESS_1 = 0x000000000000000000000000ffffffff0000000000000000fffffffeffffffff;
uint256 constant P384_SHIFT_2_LESS_2 = 0x000000000000000000000000ffffffff0000000000000000fffffffefffffffe;

/// @dev Where things stand in memory. The places are constants because a pointer to them would cost more than they do;
/// `P384.reserve` makes sure that nothing else is there.
uint256 constant P384_AT_FIRST = 0x0c00;
uint256 constant P384_AT_XL = 0x0c00;
uint256 constant P384_AT_X2 = 0x0c20;
uint256 constant P384_AT_YL = 0x0c40;
uint256 constant P384_AT_Y2 = 0x0c60;
uint256 constant P384_AT_EL = 0x0c80;
uint256 constant P384_AT_E2 = 0x0ca0;
uint256 constant P384_AT_AL = 0x0cc0;
uint256 constant P384_AT_AH = 0x0ce0;
uint256 constant P384_AT_AP = 0x0d00;
uint256 constant P384_AT_A2 = 0x0d20;
uint256 constant P384_AT_SLOPES = 0x0d40;
uint256 constant P384_AT_ROW = 0x0d60;
uint256 constant P384_AT_KEY = 0x0e00;
uint256 constant P384_AT_POINT = 0x0f00;
/// @dev 16 prepared points of 0x100 bytes each; again 16; 192 offsets of such points.
uint256 constant P384_AT_VARIABLE = 0x1000;
uint256 constant P384_AT_FIXED = 0x2000;
uint256 constant P384_AT_STEPS = 0x3000;
uint256 constant P384_AT_END = 0x4800;
