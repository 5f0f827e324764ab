// SPDX-License-Identifier: MIT
pragma circom 2.2.0;

/// Size of a convolution's output along one axis.
function convolved(SIZE, KERNEL, STRIDE, BEFORE, AFTER, DILATION) {
    return (SIZE + BEFORE + AFTER - DILATION * (KERNEL - 1) - 1) \ STRIDE + 1;
}

/// Two-dimensional convolution in integers, weights as constants. The padding is 0 and is left out when the program is
/// compiled, so every output is a linear expression of the inputs under its window and costs no multiplication.
///
/// Arrays of two are along height and width; PAD is top, left, bottom, right. The kernel, spread by its dilation, must fit
/// into the padded input.
///
/// @param  CHANNELS  input channels, a multiple of GROUPS
/// @param  SIZE      height and width of the input
/// @param  OUTPUTS   output channels, a multiple of GROUPS
/// @param  KERNEL    height and width of the kernel
/// @param  STRIDE    steps of the window
/// @param  PAD       zeros around the input
/// @param  DILATION  steps between taps
/// @param  GROUPS    each group of output channels reads its own group of input channels
/// @param  W         weights [OUTPUTS][CHANNELS / GROUPS][KERNEL[0]][KERNEL[1]], flat, signed integers
/// @param  B         biases, OUTPUTS signed integers
/// @input  in        [CHANNELS][SIZE[0]][SIZE[1]], flat, an interval of signed integers each: assumed; enforced by the
///                   layer before
/// @output out       [OUTPUTS][height][width], flat; the intervals that follow from those of `in`: no wrap, because the
///                   emitter refuses a graph in which one is not inside of (-2^251, 2^251)          constrained here
/// Constraints: 1 linear for each output (--O1), less those that depend on no input, or on one with weight 1 and bias 0.
template Conv(CHANNELS, SIZE, OUTPUTS, KERNEL, STRIDE, PAD, DILATION, GROUPS, W, B) {
    var HEIGHT = convolved(SIZE[0], KERNEL[0], STRIDE[0], PAD[0], PAD[2], DILATION[0]);
    var WIDTH = convolved(SIZE[1], KERNEL[1], STRIDE[1], PAD[1], PAD[3], DILATION[1]);
    assert(SIZE[0] + PAD[0] + PAD[2] > DILATION[0] * (KERNEL[0] - 1));
    assert(SIZE[1] + PAD[1] + PAD[3] > DILATION[1] * (KERNEL[1] - 1));
    assert(GROUPS > 0 && CHANNELS % GROUPS == 0 && OUTPUTS % GROUPS == 0);
    signal input in[CHANNELS * SIZE[0] * SIZE[1]];
    signal output out[OUTPUTS * HEIGHT * WIDTH];

    var READ = CHANNELS \ GROUPS;
    var MADE = OUTPUTS \ GROUPS;
    for (var o = 0; o < OUTPUTS; o++) {
        for (var y = 0; y < HEIGHT; y++) {
            for (var x = 0; x < WIDTH; x++) {
                var sum = B[o];
                for (var c = 0; c < READ; c++) {
                    var channel = (o \ MADE) * READ + c;
                    for (var i = 0; i < KERNEL[0]; i++) {
                        var row = y * STRIDE[0] + i * DILATION[0] - PAD[0];
                        for (var j = 0; j < KERNEL[1]; j++) {
                            var column = x * STRIDE[1] + j * DILATION[1] - PAD[1];
                            if (row >= 0 && row < SIZE[0] && column >= 0 && column < SIZE[1]) {
                                var weight = W[((o * READ + c) * KERNEL[0] + i) * KERNEL[1] + j];
                                sum += weight * in[(channel * SIZE[0] + row) * SIZE[1] + column];
                            }
                        }
                    }
                }
                out[(o * HEIGHT + y) * WIDTH + x] <== sum;
            }
        }
    }
}
