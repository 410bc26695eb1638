package io.github.cortado.cuda;

import java.util.Locale;

/**
 * The kernels: one line for each, with the file in {@code src/main/cuda} that tells its story. The
 * name in the file is this one in small letters.
 */
enum Kernel {
    FORMULA("formula"),

    RELU("elementwise"),
    RELU_GRAD("elementwise"),
    GELU("elementwise"),
    GELU_GRAD("elementwise"),
    SILU("elementwise"),
    SILU_GRAD("elementwise"),

    GATHER_1("memory"),
    GATHER_4("memory"),
    GATHER_8("memory"),
    SCATTER_1("memory"),
    SCATTER_4("memory"),
    SCATTER_8("memory"),
    FILL_8("memory"),
    CAST_F32_F64("memory"),
    CAST_F32_I32("memory"),
    CAST_F32_I64("memory"),
    CAST_F32_U8("memory"),
    CAST_F64_F32("memory"),
    CAST_F64_I32("memory"),
    CAST_F64_I64("memory"),
    CAST_F64_U8("memory"),
    CAST_I32_F32("memory"),
    CAST_I32_F64("memory"),
    CAST_I32_I64("memory"),
    CAST_I32_U8("memory"),
    CAST_I64_F32("memory"),
    CAST_I64_F64("memory"),
    CAST_I64_I32("memory"),
    CAST_I64_U8("memory"),
    CAST_U8_F32("memory"),
    CAST_U8_F64("memory"),
    CAST_U8_I32("memory"),
    CAST_U8_I64("memory"),
    CAST_F32_B8("memory"),
    CAST_F64_B8("memory"),
    CAST_I32_B8("memory"),
    CAST_I64_B8("memory"),
    CAST_U8_B8("memory"),
    COMPARE_I64("memory"),
    COMPARE_B8("memory"),

    INDEX_SELECT_1("index"),
    INDEX_SELECT_4("index"),
    INDEX_SELECT_8("index"),
    INDEX_SELECT_GRAD("index"),
    TAKE_1("index"),
    TAKE_4("index"),
    TAKE_8("index"),
    TAKE_GRAD("index"),
    PUT_1("index"),
    PUT_4("index"),
    PUT_8("index"),

    CUMULATIVE_SUM("order"),
    SORT_LINES("order"),

    SUM_ROWS("reduce"),
    SUM_COLUMNS("reduce"),
    MAX_ROWS("reduce"),
    MAX_COLUMNS("reduce"),
    MAX_GRAD("reduce"),

    SOFTMAX("softmax"),
    SOFTMAX_GRAD("softmax"),
    LOG_SOFTMAX("softmax"),
    LOG_SOFTMAX_GRAD("softmax"),

    MATMUL_64("matmul"),
    MATMUL_128("matmul"),
    MATMUL_TF32_64("matmul_tf32"),
    MATMUL_TF32_128("matmul_tf32"),
    BIAS_RELU("bias"),

    CONV_64("conv"),
    CONV_32("conv"),
    CONV_GRAD_INPUT_64("conv"),
    CONV_GRAD_INPUT_32("conv"),
    CONV_GRAD_WEIGHT_64("conv"),
    CONV_GRAD_WEIGHT_32("conv"),

    CONV_TF32_64("conv_tf32"),
    CONV_TF32_32("conv_tf32"),
    CONV_POOLED_TF32_64("conv_tf32"),
    CONV_POOLED_TF32_32("conv_tf32"),
    CONV_GRAD_INPUT_TF32_64("conv_tf32"),
    CONV_GRAD_INPUT_TF32_32("conv_tf32"),
    CONV_GRAD_WEIGHT_TF32_64("conv_tf32"),
    CONV_GRAD_WEIGHT_TF32_32("conv_tf32"),

    CONV3X3_4X32_16("conv3x3"),
    CONV3X3_4X32_32("conv3x3"),
    CONV3X3_8X16_16("conv3x3"),
    CONV3X3_8X16_32("conv3x3"),
    CONV3X3_2X8X8_16("conv3x3"),
    CONV3X3_2X8X8_32("conv3x3"),

    MAX_POOL("pool"),
    MAX_POOL_GRAD("pool"),
    AVG_POOL("pool"),
    AVG_POOL_GRAD("pool"),
    RELU_MAX_POOL("pool"),
    RELU_MAX_POOL_GRAD("pool"),

    RESAMPLE2D("resample"),
    RESAMPLE2D_GRAD("resample"),

    BATCH_NORM_STATISTICS("normalise"),
    BATCH_NORM("normalise"),
    BATCH_NORM_GRAD("normalise"),
    LAYER_NORM("normalise"),
    LAYER_NORM_GRAD("normalise"),
    LAYER_NORM_GRAD_CHANNELS("normalise"),
    LAYER_NORM_GRAD_PARAMETERS("normalise"),

    LSTM_CELL("recurrent"),
    LSTM_CELL_GRAD("recurrent"),

    ATTENTION("attention"),
    ATTENTION_GRAD_QUERIES("attention"),
    ATTENTION_GRAD_KEYS("attention"),

    CROSS_ENTROPY("loss"),
    COUNT_TARGETS("loss"),

    DROPOUT("dropout"),

    ADAM("optimizer"),

    PICTURES("pictures"),

    ADVANCE("step"),
    INCREMENT("step");

    private final String file;

    Kernel(String file) {
        this.file = file;
    }

    /** The file that it is in, without its ending. */
    String file() {
        return file;
    }

    /** The name of its function. */
    String function() {
        return name().toLowerCase(Locale.ROOT);
    }
}
