package io.github.cortado.benchmarks.nets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.ReLU6;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {
    /** As PyTorch counts them in {@code nets_torch.py}. */
    private static final Map<Network, Integer> PARAMETERS =
            Map.of(
                    Network.LENET, 541_094,
                    Network.MLP, 669_706,
                    Network.RESNET18, 11_173_962,
                    Network.VGG11, 9_225_610,
                    Network.MOBILENETV2, 2_236_682,
                    Network.VIT, 2_693_194,
                    Network.GPT, 2_712_576,
                    Network.LSTM, 238_858,
                    Network.UNET, 482_890);

    @ParameterizedTest
    @EnumSource
    void aNetworkHasAsManyParametersAsPyTorchs(Network net) {
        int parameters = net.model().parameters().stream().mapToInt(Tensor::size).sum();
        assertEquals(PARAMETERS.get(net), parameters);
    }

    @ParameterizedTest
    @EnumSource
    void eachLabelOfTwoExamplesHasItsLogits(Network net) {
        Layer model = net.model().eval();
        Tensor logits = model.forward(net.examples(2));
        int labels = net.labels(2).size();
        int classes = net == Network.GPT ? 96 : Network.CLASSES;
        assertEquals(labels * classes, logits.size());
        // Of symbols behind them, of pictures before the places.
        assertEquals(classes, logits.dim(net == Network.GPT ? 2 : 1));
    }

    @Test
    void weightsHaveTheNamesOfPyTorch() {
        // Of the models ModelsTest of core says it; these are the twins of nets_torch.py.
        Set<String> resNet = Network.RESNET18.model().stateDict().keySet();
        assertTrue(resNet.contains("layer2.0.downsample.0.weight"));
        // A first stage has as many channels as come in.
        assertFalse(resNet.contains("layer1.0.downsample.0.weight"));
        assertTrue(Network.VGG11.model().stateDict().containsKey("classifier.weight"));
        assertTrue(Network.VIT.model().stateDict().containsKey("blocks.5.attn.qkv.weight"));
    }

    @Test
    void relu6StopsAtSixAndItsGradientBetween() {
        Tensor x = Tensor.of(new float[] {-1, 2, 6.5f, 100}, 4).requiresGrad(true);
        Tensor y = new ReLU6().forward(x);
        assertEquals("[0.0, 2.0, 6.0, 6.0]", Arrays.toString(y.toFloats()));
        y.sum().backward();
        assertEquals("[0.0, 1.0, 0.0, 0.0]", Arrays.toString(x.grad().toFloats()));
    }

    @Test
    void aCompiledStepAndOneAsItIsWrittenHaveTheSameLosses() {
        Steps compiled = new Steps(Network.MLP, Device.cpu(), 3, false);
        Steps eager = new Steps(Network.MLP, Device.cpu(), 3, false);
        for (int i = 0; i < 5; i++) {
            assertEquals(eager.eager(), compiled.compiled(), "step " + i);
        }
        assertTrue(eager.eager() < Math.log(Network.CLASSES), "it learns three pictures");
    }
}
