package io.github.cortado.example.cifar;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LeNetTest {
    @Test
    void printsAsPyTorchPrintsIt() {
        assertEquals(
                """
                LeNet(
                  (conv1): Conv2d(3, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
                  (conv2): Conv2d(16, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
                  (conv3): Conv2d(32, 64, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
                  (fc1): Linear(in_features=1024, out_features=500, bias=True)
                  (dropout1): Dropout(p=0.5, inplace=False)
                  (fc2): Linear(in_features=500, out_features=10, bias=True)
                )""",
                new LeNet().toString());
    }

    @Test
    void stateHasPyTorchsNames() {
        assertEquals(
                List.of(
                        "conv1.weight",
                        "conv1.bias",
                        "conv2.weight",
                        "conv2.bias",
                        "conv3.weight",
                        "conv3.bias",
                        "fc1.weight",
                        "fc1.bias",
                        "fc2.weight",
                        "fc2.bias"),
                List.copyOf(new LeNet().stateDict().keySet()));
    }

    @Test
    void headsAreWhatTheTwoModesCompute() {
        Tensor x = pictures();
        LeNet.Heads heads = seeded().heads(x);
        LeNet evaluating = seeded();
        evaluating.eval();
        assertArrayEquals(evaluating.forward(x).toFloats(), heads.evaluation().toFloats());
        assertArrayEquals(seeded().forward(x).toFloats(), heads.other().toFloats());
        assertFalse(
                Arrays.equals(heads.evaluation().toFloats(), heads.other().toFloats()),
                "dropout changes the logits");
    }

    @Test
    void headsLeaveTheModeAsItWas() {
        LeNet model = seeded();
        model.eval();
        model.heads(pictures());
        Tensor x = pictures();
        assertArrayEquals(model.forward(x).toFloats(), model.forward(x).toFloats());
        model.train();
        model.heads(x);
        assertTrue(model.isTraining());
        assertFalse(
                Arrays.equals(model.forward(x).toFloats(), model.forward(x).toFloats()),
                "dropout draws anew");
    }

    private static LeNet seeded() {
        Seed.manualSeed(3);
        return new LeNet();
    }

    private static Tensor pictures() {
        float[] values = new float[2 * 3 * 32 * 32];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(i);
        }
        return Tensor.of(values, 2, 3, 32, 32);
    }
}
