package io.github.cortado.models;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Init;
import io.github.cortado.nn.Init.FanMode;
import io.github.cortado.nn.Linear;
import io.github.cortado.random.Seed;

/** First values of weights where a model has other ones than its layers. */
final class FirstValues {
    private FirstValues() {}

    /** All convolutions in a block as He et al. draw them for gradients, their biases 0. */
    static void convolutions(Block block) {
        for (Block part : block.namedBlocks().values()) {
            if (part instanceof Conv2d conv) {
                Init.kaimingNormal(conv.weight(), 0, FanMode.FAN_OUT, "relu", Seed.nextParameter());
                conv.bias().ifPresent(bias -> bias.fill(0));
            }
        }
    }

    /** All linear layers in a block normally distributed, their biases 0. */
    static void linears(Block block, double deviation) {
        for (Block part : block.namedBlocks().values()) {
            if (part instanceof Linear linear) {
                normal(linear.weight(), deviation);
                linear.bias().ifPresent(bias -> bias.fill(0));
            }
        }
    }

    /** Normally distributed about 0. */
    static Tensor normal(Tensor weight, double deviation) {
        return Init.normal(weight, 0, deviation, Seed.nextParameter());
    }
}
