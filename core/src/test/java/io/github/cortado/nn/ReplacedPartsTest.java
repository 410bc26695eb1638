package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.optim.SGD;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Another head on a trained network, weights that do not all fit, and weights that are shared. */
class ReplacedPartsTest {
    private static final class Net extends Layer {
        private final Linear body = add("body", new Linear(3, 4));
        private Linear fc = add("fc", new Linear(4, 10));

        @Override
        public Tensor forward(Tensor x) {
            return fc.forward(Functional.relu(body.forward(x)));
        }
    }

    private static final class Blocks extends Layer {
        private final List<Layer> blocks = List.of(new ReLU(), new Tanh());

        private Blocks() {
            for (int i = 0; i < blocks.size(); i++) {
                add("block" + i, blocks.get(i));
            }
        }

        @Override
        public Tensor forward(Tensor x) {
            for (Layer block : blocks) {
                x = block.forward(x);
            }
            return x;
        }
    }

    @Test
    void aNewHeadIsUsedTrainedAndSaved() {
        Net net = new Net();
        Linear head = net.replace("fc", new Linear(4, 2));
        assertEquals(Shape.of(5, 2), net.forward(Tensor.ones(5, 3)).shape());
        assertSame(head.weight(), net.stateDict().get("fc.weight"));
        assertEquals(List.of("body", "fc"), List.copyOf(net.children().keySet()));
        net.body.parameters().forEach(p -> p.requiresGrad(false));
        float[] before = head.weight().toFloats();
        float[] body = net.body.weight().toFloats();
        SGD optimizer = new SGD(net.parameters(), 1);
        net.forward(Tensor.ones(5, 3)).sum().backward();
        optimizer.step();
        assertFalse(Arrays.equals(before, head.weight().toFloats()));
        assertArrayEquals(body, net.body.weight().toFloats());
    }

    @Test
    void aPartOfAChainIsReplacedInItsPlace() {
        Sequential net = new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 10));
        net.replace("1", new Identity());
        net.replace("2", new Linear(4, 2));
        assertEquals(Shape.of(5, 2), net.forward(Tensor.ones(5, 3)).shape());
        assertEquals(List.of("0", "1", "2"), List.copyOf(net.children().keySet()));
    }

    @Test
    void aPartThatWouldBeUsedOnIsNotReplaced() {
        Net net = new Net();
        refused(
                "replace: field body of Net holds it and is final; a part that is replaced needs"
                        + " one that is not",
                () -> net.replace("body", new Linear(3, 4)));
        refused(
                "replace: field fc of Net is a Linear, the new part a Sequential",
                () -> net.replace("fc", new Sequential()));
        refused(
                "replace: field blocks of Blocks holds it among others, where it cannot be"
                        + " replaced",
                () -> new Blocks().replace("block0", new Identity()));
        refused(
                "Net: there is no part called 'head', only body, fc",
                () -> net.replace("head", new Identity()));
        assertSame(net.fc, net.children().get("fc"));
    }

    private static void refused(String message, org.junit.jupiter.api.function.Executable run) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
    }

    @Test
    void whatDoesNotFitIsLeftOutAndNamedUnlessLoadingIsStrict() {
        Map<String, Tensor> trained = new LinkedHashMap<>();
        new Net().stateDict().forEach((name, t) -> trained.put(name, t.copy()));
        trained.put("extra", Tensor.zeros(1));
        trained.remove("body.bias");
        Net net = new Net();
        net.replace("fc", new Linear(4, 2));
        float[] bias = net.body.stateDict().get("bias").toFloats();
        StateFit fit = net.loadStateDict(trained, false);
        assertEquals(List.of("body.bias"), fit.missing());
        assertEquals(List.of("extra"), fit.unexpected());
        assertEquals(List.of("fc.weight", "fc.bias"), fit.misshapen());
        assertFalse(fit.isExact());
        assertArrayEquals(trained.get("body.weight").toFloats(), net.body.weight().toFloats());
        assertArrayEquals(bias, net.body.stateDict().get("bias").toFloats());
        assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(trained, true));
        Net other = new Net();
        assertTrue(other.loadStateDict(new Net().stateDict(), true).isExact());
    }

    @Test
    void oneLayersWeightIsAssignedToAnother() {
        Linear embedding = new Linear(3, 5, false);
        Linear head = new Linear(3, 5).weight(embedding.weight());
        Sequential net = new Sequential(embedding, head);
        assertEquals(List.of("0.weight", "1.bias"), List.copyOf(net.namedParameters().keySet()));
        assertEquals(
                List.of("0.weight", "1.weight", "1.bias"), List.copyOf(net.stateDict().keySet()));
        head.forward(Tensor.ones(1, 3)).sum().backward();
        assertSame(embedding.weight(), head.weight());
        assertArrayEquals(Tensor.ones(5, 3).toFloats(), embedding.weight().grad().toFloats());
        assertEquals(
                "Linear.weight is [5, 3], got [3, 5]",
                assertThrows(ShapeException.class, () -> head.weight(Tensor.zeros(3, 5)))
                        .getMessage());
        Conv2d conv = new Conv2d(1, 2, 3);
        assertSame(conv.weight(), new Conv2d(1, 2, 3).weight(conv.weight()).weight());
    }
}
