package io.github.cortado.cuda;

/** An operation or a gradient of one that can be computed in more than one way, by name. */
enum Op {
    MATMUL("matmul", Family.MATMUL),
    LINEAR("linear", Family.MATMUL),
    CONV("conv2d", Family.CONV),
    CONV_GRAD_INPUT("conv2dGradInput", Family.CONV),
    CONV_GRAD_WEIGHT("conv2dGradWeight", Family.CONV),
    MAX_POOL("maxPool2d", Family.POOL),
    MAX_POOL_GRAD("maxPool2dGrad", Family.POOL),
    AVG_POOL("avgPool2d", Family.POOL),
    AVG_POOL_GRAD("avgPool2dGrad", Family.POOL),
    RELU("relu", Family.RELU),
    RELU_GRAD("reluGrad", Family.RELU),
    DROPOUT("dropout", Family.DROPOUT);

    private final String key;
    private final Family family;

    Op(String key, Family family) {
        this.key = key;
        this.family = family;
    }

    /** As tables and plans write it. */
    String key() {
        return key;
    }

    Family family() {
        return family;
    }
}
