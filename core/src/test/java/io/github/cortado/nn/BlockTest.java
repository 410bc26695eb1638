package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockTest {
    @BeforeEach
    void sameStart() {
        Seed.manualSeed(0);
    }

    /** list(LeNet().state_dict()) and the shapes, in PyTorch 2.13. */
    @Test
    void theStateDictHasPyTorchsNamesShapesAndOrder() {
        Map<String, Shape> expected = new LinkedHashMap<>();
        expected.put("conv1.weight", Shape.of(16, 3, 3, 3));
        expected.put("conv1.bias", Shape.of(16));
        expected.put("conv2.weight", Shape.of(32, 16, 3, 3));
        expected.put("conv2.bias", Shape.of(32));
        expected.put("conv3.weight", Shape.of(64, 32, 3, 3));
        expected.put("conv3.bias", Shape.of(64));
        expected.put("fc1.weight", Shape.of(500, 1024));
        expected.put("fc1.bias", Shape.of(500));
        expected.put("fc2.weight", Shape.of(10, 500));
        expected.put("fc2.bias", Shape.of(10));
        Map<String, Shape> found = new LinkedHashMap<>();
        new LeNet().stateDict().forEach((name, t) -> found.put(name, t.shape()));
        assertEquals(new ArrayList<>(expected.entrySet()), new ArrayList<>(found.entrySet()));
    }

    @Test
    void leNetIsPrintedAsByPyTorch() {
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

    /** str() of the same layers in PyTorch 2.13. */
    @Test
    void everyLayerIsPrintedAsByPyTorch() {
        Layer net =
                new Sequential(
                        new Conv2d(4, 8, 3, 5).stride(2, 1).padding(0, 2).withoutBias(),
                        new Conv2d(4, 8, 3).dilation(2).groups(4),
                        new BatchNorm2d(8),
                        new BatchNorm2d(8, 1e-3, 0.01),
                        new LayerNorm(8),
                        new LayerNorm(2, 4).eps(1e-6),
                        new ReLU(),
                        new LeakyReLU(),
                        new LeakyReLU(0.2),
                        new ELU(),
                        new Sigmoid(),
                        new Tanh(),
                        new GELU(),
                        new SiLU(),
                        new Softplus(),
                        new Softmax(1),
                        new LogSoftmax(-1),
                        new MaxPool2d(2),
                        new AvgPool2d(3, 2, 1),
                        new Flatten(),
                        new Identity(),
                        new Dropout(0.25),
                        new Linear(3, 2, false),
                        new Sequential(new ReLU()));
        assertEquals(
                """
                Sequential(
                  (0): Conv2d(4, 8, kernel_size=(3, 5), stride=(2, 1), padding=(0, 2), bias=False)
                  (1): Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1), dilation=(2, 2), groups=4)
                  (2): BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
                  (3): BatchNorm2d(8, eps=0.001, momentum=0.01, affine=True, bias=True, track_running_stats=True)
                  (4): LayerNorm((8,), eps=1e-05, elementwise_affine=True, bias=True)
                  (5): LayerNorm((2, 4), eps=1e-06, elementwise_affine=True, bias=True)
                  (6): ReLU()
                  (7): LeakyReLU(negative_slope=0.01)
                  (8): LeakyReLU(negative_slope=0.2)
                  (9): ELU(alpha=1.0)
                  (10): Sigmoid()
                  (11): Tanh()
                  (12): GELU(approximate='none')
                  (13): SiLU()
                  (14): Softplus(beta=1.0, threshold=20.0)
                  (15): Softmax(dim=1)
                  (16): LogSoftmax(dim=-1)
                  (17): MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
                  (18): AvgPool2d(kernel_size=3, stride=2, padding=1)
                  (19): Flatten(start_dim=1, end_dim=-1)
                  (20): Identity()
                  (21): Dropout(p=0.25, inplace=False)
                  (22): Linear(in_features=3, out_features=2, bias=False)
                  (23): Sequential(
                    (0): ReLU()
                  )
                )""",
                net.toString());
    }

    @Test
    void loadingAStateCopiesTheValuesIntoTheBlocksOwnTensors() {
        LeNet a = LeNet.small();
        LeNet b = LeNet.small();
        Tensor own = b.namedParameters().get("fc2.weight");
        assertFalse(java.util.Arrays.equals(own.toFloats(), a.fc2.weight().toFloats()));
        b.loadStateDict(a.stateDict());
        assertSame(own, b.fc2.weight());
        a.stateDict()
                .forEach(
                        (name, t) ->
                                assertArrayEquals(
                                        t.toFloats(), b.stateDict().get(name).toFloats(), name));
        a.fc2.weight().fill(9);
        assertTrue(b.fc2.weight().toFloats()[0] != 9);
    }

    @Test
    void aStateThatDoesNotFitIsRefusedWithAllItsFaultsAndNothingIsChanged() {
        Sequential net = new Sequential(new Linear(3, 2), new Linear(2, 4));
        Map<String, Tensor> state = new LinkedHashMap<>(net.stateDict());
        float[] before = net.parameters().get(0).toFloats();
        state.put("0.weight", Tensor.ones(2, 3));
        state.remove("0.bias");
        state.put("1.weight", Tensor.ones(2, 4));
        state.put("1.scale", Tensor.ones(1));
        var e = assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(state));
        assertEquals(
                "loadStateDict: the values do not fit Sequential: missing 0.bias [2]; 1.weight is"
                        + " [2, 4], expected [4, 2]; unknown 1.scale",
                e.getMessage());
        assertArrayEquals(before, net.parameters().get(0).toFloats());
    }

    @Test
    void namesAreUniqueAndHaveNoDots() {
        for (String name : List.of("", "a.b", "twice")) {
            var e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    new Layer() {
                                        {
                                            add("twice", new ReLU());
                                            parameter(name, Tensor.zeros(1));
                                        }

                                        @Override
                                        public Tensor forward(Tensor x) {
                                            return x;
                                        }
                                    });
            assertTrue(e.getMessage().contains("'" + name + "'"), e.getMessage());
        }
    }

    @Test
    void trainAndEvalReachEveryPart() {
        Sequential net = new Sequential(new Dropout(0.5), new Sequential(new Dropout(0.5)));
        assertTrue(net.isTraining());
        net.eval();
        net.namedBlocks().forEach((name, b) -> assertFalse(b.isTraining(), name));
        Tensor x = Tensor.ones(100);
        assertSame(x, net.forward(x));
        net.train();
        net.namedBlocks().forEach((name, b) -> assertTrue(b.isTraining(), name));
        assertEquals(List.of("", "0", "1", "1.0"), List.copyOf(net.namedBlocks().keySet()));
    }

    @Test
    void sequentialRunsItsPartsInOrder() {
        Linear first = new Linear(3, 4);
        Linear second = new Linear(4, 2);
        Sequential net = new Sequential(first, new Tanh(), second);
        Tensor x = Tensor.of(new float[] {1, -2, 3}, 1, 3);
        assertArrayEquals(
                second.forward(Functional.tanh(first.forward(x))).toFloats(),
                net.forward(x).toFloats());
        assertEquals(
                List.of("0.weight", "0.bias", "2.weight", "2.bias"),
                List.copyOf(net.stateDict().keySet()));
    }

    @Test
    void movingABlockKeepsItsTensorsSoThatAnOptimizerStillHasThem() {
        Sequential net = new Sequential(new Conv2d(1, 2, 2), new BatchNorm2d(2));
        Tensor w = net.parameters().get(0);
        SGD sgd = new SGD(net.parameters(), 0.5).momentum(0.9);
        step(net, sgd, Device.cpu());
        float[] before = w.toFloats();
        net.to(Device.cpuScalar());
        assertSame(w, net.parameters().get(0));
        assertTrue(w.device().sameAs(Device.cpuScalar()));
        assertArrayEquals(before, w.toFloats());
        assertTrue(w.requiresGrad());
        net.stateDict().forEach((n, t) -> assertTrue(t.device().sameAs(Device.cpuScalar()), n));
        step(net, sgd, Device.cpuScalar());
        assertFalse(java.util.Arrays.equals(before, w.toFloats()), "the step reached it");
        net.to(Device.cpuScalar(), DType.FLOAT64);
        assertEquals(DType.FLOAT64, w.dtype());
        assertEquals(DType.INT64, net.stateDict().get("1.num_batches_tracked").dtype());
        net.to(Device.cpu(), DType.FLOAT32);
        assertTrue(w.device().sameAs(Device.cpu()));
        step(net, sgd, Device.cpu());
    }

    private static void step(Layer net, SGD sgd, Device device) {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 3, 2}, 1, 1, 3, 4);
        sgd.zeroGrad();
        Tensor y = net.forward(x.to(device));
        y.mul(y).mul(y).sum().backward();
        assertNotNull(net.parameters().get(0).grad());
        sgd.step();
    }

    @Test
    void zeroGradDropsAllGradients() {
        Linear fc = new Linear(2, 1);
        fc.forward(Tensor.ones(1, 2)).sum().backward();
        assertNotNull(fc.weight().grad());
        fc.zeroGrad();
        assertNull(fc.weight().grad());
    }

    @Test
    void layersRefuseImpossibleSizes() {
        assertThrows(IllegalArgumentException.class, () -> new Linear(0, 1));
        assertThrows(IllegalArgumentException.class, () -> new Conv2d(1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Conv2d(3, 4, 3).groups(2));
        assertThrows(IllegalArgumentException.class, () -> new Conv2d(3, 4, 3).stride(0));
        assertThrows(IllegalArgumentException.class, () -> new Dropout(-0.1));
        assertThrows(IllegalArgumentException.class, () -> new Dropout(Double.NaN));
    }
}
