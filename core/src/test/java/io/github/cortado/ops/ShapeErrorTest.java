package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.Device;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Functional;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What users read when sizes do not fit: the operation, the rule, and the shapes. */
class ShapeErrorTest {
    static Stream<Arguments> mistakes() {
        Tensor picture = Tensor.zeros(64, 3, 32, 32);
        Tensor w = Tensor.zeros(16, 6, 5, 5);
        Tensor logits = Tensor.zeros(4, 3);
        return Stream.of(
                mistake(
                        "conv2d: input has 3 channels, weight expects 6 (input [64, 3, 32, 32],"
                                + " weight [16, 6, 5, 5], groups 1)",
                        () -> Functional.conv2d(picture, w, null, 1, 0, 1, 1)),
                mistake(
                        "conv2d: expects input [n, channels, height, width] with 4 dimensions, got"
                                + " [3, 32, 32]",
                        () -> Functional.conv2d(Tensor.zeros(3, 32, 32), w, null, 1, 0, 1, 1)),
                mistake(
                        "conv2d: bias [15] does not fit 16 output channels (weight [16, 3, 5, 5])",
                        () ->
                                Functional.conv2d(
                                        picture,
                                        Tensor.zeros(16, 3, 5, 5),
                                        Tensor.zeros(15),
                                        1,
                                        0,
                                        1,
                                        1)),
                mistake(
                        "conv2d: 5 output channels cannot be split into 3 groups (weight"
                                + " [5, 1, 3, 3])",
                        () ->
                                Functional.conv2d(
                                        picture, Tensor.zeros(5, 1, 3, 3), null, 1, 0, 1, 3)),
                mistake(
                        "conv2d: kernel 40 x 5 (dilation 1, 1) does not fit input [64, 3, 32, 32]"
                                + " with padding 1, 1",
                        () ->
                                Functional.conv2d(
                                        picture, Tensor.zeros(5, 3, 40, 5), null, 1, 1, 1, 1)),
                mistake(
                        "conv2d: stride, dilation and groups must be at least 1, got stride (0, 0),"
                                + " dilation (1, 1), groups 1",
                        () -> Functional.conv2d(picture, w, null, 0, 0, 1, 1)),
                mistake(
                        "conv2d: padding (-1, -1) is negative",
                        () -> Functional.conv2d(picture, w, null, 1, -1, 1, 1)),
                mistake(
                        "matmul: last dimension of [2, 3] and last but one dimension of [4, 5]"
                                + " differ",
                        () -> Tensor.zeros(2, 3).matmul(Tensor.zeros(4, 5))),
                mistake(
                        "matmul: last dimension of [2, 3] and first dimension of [4] differ",
                        () -> Tensor.zeros(2, 3).matmul(Tensor.zeros(4))),
                mistake(
                        "matmul: shapes [2] and [3] do not broadcast: sizes 2 and 3 at dimension -1"
                                + " differ and neither is 1",
                        () -> Tensor.zeros(2, 3, 4).matmul(Tensor.zeros(3, 4, 5))),
                mistake(
                        "matmul: scalars have no matrix product ([] and [3])",
                        () -> Tensor.scalar(1f).matmul(Tensor.zeros(3))),
                mistake(
                        "linear: input has 5 features, weight expects 4 (input [2, 5], weight"
                                + " [3, 4])",
                        () -> Functional.linear(Tensor.zeros(2, 5), Tensor.zeros(3, 4), null)),
                mistake(
                        "linear: bias [4] does not fit 3 outputs",
                        () ->
                                Functional.linear(
                                        Tensor.zeros(2, 4), Tensor.zeros(3, 4), Tensor.zeros(4))),
                mistake(
                        "add: shapes [2, 3] and [2, 4] do not broadcast: sizes 3 and 4 at dimension"
                                + " -1 differ and neither is 1",
                        () -> Tensor.zeros(2, 3).add(Tensor.zeros(2, 4))),
                mistake(
                        "reshape: [2, 3] has 6 elements, [4, 2] has 8",
                        () -> Tensor.zeros(2, 3).reshape(4, 2)),
                mistake(
                        "reshape: [2, 3] does not fit [-1, 4]",
                        () -> Tensor.zeros(2, 3).reshape(-1, 4)),
                mistake(
                        "reshape: two sizes of [-1, -1] are -1",
                        () -> Tensor.zeros(2, 3).reshape(-1, -1)),
                mistake(
                        "cat: float32 [2, 3] and float32 [3, 3] differ in more than dimension 1",
                        () -> Tensor.cat(1, Tensor.zeros(2, 3), Tensor.zeros(3, 3))),
                mistake(
                        "sum: dimension 2 does not exist in a tensor of shape [2, 3]",
                        () -> Tensor.zeros(2, 3).sum(false, 2)),
                mistake(
                        "sum: dimension -1 is named twice for [2, 3]",
                        () -> Tensor.zeros(2, 3).sum(false, 1, -1)),
                mistake(
                        "permute: dimension 0 is named twice in [0, 0]",
                        () -> Tensor.zeros(2, 3).permute(0, 0)),
                mistake(
                        "narrow: elements 1 to 3 of dimension 1 do not exist in [2, 3]",
                        () -> Tensor.zeros(2, 3).narrow(1, 1, 3)),
                mistake(
                        "narrow: elements 2147483647 to 2147483648 of dimension 1 do not exist in"
                                + " [2, 3]",
                        () -> Tensor.zeros(2, 3).narrow(1, Integer.MAX_VALUE, 2)),
                mistake(
                        "expand: [2, 3] does not stretch to [3]",
                        () -> Tensor.zeros(2, 3).expand(3)),
                mistake(
                        "squeeze: dimension 0 of [2, 3] is not of size 1",
                        () -> Tensor.zeros(2, 3).squeeze(0)),
                mistake(
                        "max: dimension 1 of [2, 0] is empty",
                        () -> Tensor.zeros(2, 0).max(1, false)),
                mistake(
                        "maxPool2d: kernel 9 x 9 does not fit input [1, 1, 5, 5] with padding 1, 1",
                        () -> Functional.maxPool2d(Tensor.zeros(1, 1, 5, 5), 9, 1, 1)),
                mistake(
                        "pool2d: padding (2, 2) must be from 0 to half of the kernel (3, 3)",
                        () -> Functional.avgPool2d(picture, 3, 1, 2, true)),
                mistake(
                        "batchNorm: one value per channel has no variance (input [1, 3])",
                        () ->
                                Functional.batchNorm(
                                        Tensor.zeros(1, 3),
                                        null,
                                        null,
                                        null,
                                        null,
                                        true,
                                        0.1,
                                        1e-5)),
                mistake(
                        "batchNorm: an empty batch has no mean and no variance; evaluation can do"
                                + " without, or leave it out of training (input [0, 3, 8, 8])",
                        () -> new BatchNorm2d(3).forward(Tensor.zeros(0, 3, 8, 8))),
                mistake(
                        "conv2d: expects at least 1 channel in and out (input [1, 0, 4, 4], weight"
                                + " [2, 0, 3, 3])",
                        () -> conv2d(0, 2)),
                mistake(
                        "conv2d: expects at least 1 channel in and out (input [1, 3, 4, 4], weight"
                                + " [0, 3, 3, 3])",
                        () -> conv2d(3, 0)),
                mistake(
                        "layerNorm: the last dimensions of [2, 3] are not [2]",
                        () ->
                                Functional.layerNorm(
                                        Tensor.zeros(2, 3), new int[] {2}, null, null, 1e-5)),
                mistake(
                        "crossEntropy: logits [4, 3] expect targets of shape [4], got [3]",
                        () -> Functional.crossEntropy(logits, Tensor.of(new long[3]))),
                mistake(
                        "crossEntropy: expects targets as int64, got int32 [4]",
                        () -> Functional.crossEntropy(logits, Tensor.of(new int[4]))),
                mistake(
                        "crossEntropy: target 3 at position 1 is not a class from 0 to 2",
                        () -> Functional.crossEntropy(logits, Tensor.of(new long[] {0, 3, 1, 1}))),
                mistake(
                        "mseLoss: input [2] and target [2, 1] differ",
                        () -> Functional.mseLoss(Tensor.zeros(2), Tensor.zeros(2, 1))),
                mistake(
                        "dropout: probability 1.5 is not from 0 to 1",
                        () -> Functional.dropout(logits, 1.5, 0, 0, 0)),
                mistake(
                        "exp: expects floating-point numbers, got int64 [2]",
                        () -> Tensor.of(new long[2]).exp()),
                mistake(
                        "add: one tensor [2] is float32 on cpu, another [2] is int64 on cpu; convert"
                                + " one with to(DType)",
                        () -> Tensor.zeros(2).add(Tensor.of(new long[2]))));
    }

    @Test
    @Tag("vector-only")
    void tensorsOfTwoDevicesDoNotMeet() {
        assertEquals(
                "add: one tensor [2] is float32 on cpu-scalar, another [2] is float32 on cpu; move"
                        + " one with to(device)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Tensor.zeros(2).to(Device.cpuScalar()).add(Tensor.zeros(2)))
                        .getMessage());
    }

    /** None of them is made: it is the result that no array of Java can hold. */
    @Test
    void whatExceedsAnArrayOfJavaSaysSo() {
        Map<String, Executable> tooLarge =
                Map.of(
                        "shape [65536, 65536] has more than 2^31 - 65 elements",
                        () -> Tensor.zeros(65536, 65536),
                        "repeat: 4294967296 elements are more than 2^31 - 65",
                        () -> Tensor.zeros(1 << 20).repeat(1 << 12),
                        "cat: 2147483648 elements are more than 2^31 - 65",
                        () -> Tensor.cat(0, Tensor.zeros(1 << 30, 0), Tensor.zeros(1 << 30, 0)),
                        "shape [1, 4000000, 2000] has more than 2^31 - 65 elements",
                        () ->
                                Tensor.einsum(
                                        "i,j,k->ijk",
                                        Tensor.zeros(2000),
                                        Tensor.zeros(2000),
                                        Tensor.zeros(2000)),
                        "shape [131072, 32768] has more than 2^31 - 65 elements",
                        () -> Tensor.zeros(1 << 17, 1).expand(1 << 17, 1 << 15),
                        "shape [65536, 65537] has more than 2^31 - 65 elements",
                        () -> Tensor.zeros(65536, 1).add(Tensor.zeros(65537)));
        tooLarge.forEach(
                (message, run) ->
                        assertEquals(
                                message, assertThrows(ShapeException.class, run).getMessage()));
    }

    private static Tensor conv2d(int inChannels, int outChannels) {
        Tensor weight = Tensor.zeros(outChannels, inChannels, 3, 3);
        return Functional.conv2d(Tensor.zeros(1, inChannels, 4, 4), weight, null, 1, 0, 1, 1);
    }

    private static Arguments mistake(String message, Executable run) {
        return Arguments.of(message, run);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void theMessageNamesOperationRuleAndShapes(String message, Executable run) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
    }
}
