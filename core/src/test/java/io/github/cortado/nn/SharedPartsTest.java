package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.Tensor;
import io.github.cortado.io.Checkpoint;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.SGD;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One layer in two places, and one weight in two layers. */
class SharedPartsTest {
    @TempDir Path folder;

    /** Runs the same layer before and after another. */
    private static final class Twice extends Layer {
        private final Linear first = add("first", new Linear(2, 2, false));
        private final Linear middle = add("middle", new Linear(2, 2));
        private final Linear again = add("again", first);

        @Override
        public Tensor forward(Tensor x) {
            return again.forward(middle.forward(first.forward(x)));
        }
    }

    /** A layer whose weight is another's. */
    private static final class Tied extends Layer {
        private final Tensor weight;

        private Tied(Tensor weight) {
            this.weight = parameter("weight", weight);
        }

        @Override
        public Tensor forward(Tensor x) {
            return Functional.linear(x, weight, null);
        }
    }

    @Test
    void aLayerThatIsUsedTwiceHasItsWeightsOnceInOrderOfFirstUse() {
        Twice net = new Twice();
        assertEquals(
                List.of("first.weight", "middle.weight", "middle.bias"),
                List.copyOf(net.namedParameters().keySet()));
        assertEquals(
                List.of("first.weight", "middle.weight", "middle.bias", "again.weight"),
                List.copyOf(net.stateDict().keySet()));
        assertEquals(List.of("", "first", "middle"), List.copyOf(net.namedBlocks().keySet()));
        assertSame(net.first.weight(), net.parameters().get(0));
        float[] before = net.first.weight().toFloats();
        SGD optimizer = new SGD(net.parameters(), 1);
        net.forward(Tensor.ones(1, 2)).sum().backward();
        float[] slope = net.first.weight().grad().toFloats();
        optimizer.step();
        for (int i = 0; i < before.length; i++) {
            before[i] -= slope[i];
        }
        assertArrayEquals(before, net.first.weight().toFloats(), "a step is taken once");
    }

    @Test
    void savingAndLoadingKeepTheTie() throws IOException {
        Path file = folder.resolve("twice.safetensors");
        Twice net = new Twice();
        SafeTensors.save(file, net.stateDict(), Map.of());
        Twice other = new Twice();
        other.loadStateDict(SafeTensors.load(file));
        assertArrayEquals(net.first.weight().toFloats(), other.again.weight().toFloats());
        assertSame(other.first, other.again);
        assertEquals(3, other.parameters().size());
    }

    @Test
    void aWeightOfTwoLayersIsSavedAndRestoredInACheckpoint() throws IOException {
        Path file = folder.resolve("checkpoint.safetensors");
        Linear embedding = new Linear(2, 2, false);
        Sequential net = new Sequential(embedding, new Tied(embedding.weight()));
        Adam adam = new Adam(net.parameters(), 0.1);
        net.forward(Tensor.ones(1, 2)).sum().backward();
        adam.step();
        Checkpoint.save(file, net, adam, Map.of());
        float[] saved = embedding.weight().toFloats();
        adam.step();
        Checkpoint.restore(file, net, adam);
        assertArrayEquals(saved, embedding.weight().toFloats());
        assertEquals(1, adam.stepCounts()[0]);
        assertSame(net.stateDict().get("0.weight"), net.stateDict().get("1.weight"));
    }

    @Test
    void oneNameOfATieIsEnoughAndTwoThatDifferAreAnError() {
        Twice net = new Twice();
        Map<String, Tensor> values = new LinkedHashMap<>();
        new Twice().stateDict().forEach((name, t) -> values.put(name, t.copy()));
        Tensor last = values.remove("again.weight");
        net.loadStateDict(values);
        assertArrayEquals(last.toFloats(), net.again.weight().toFloats());
        values.put("again.weight", Tensor.zeros(2, 2));
        assertEquals(
                "loadStateDict: the values do not fit Twice: first.weight and again.weight are one"
                        + " tensor here, but differ",
                assertThrows(IllegalArgumentException.class, () -> net.loadStateDict(values))
                        .getMessage());
        assertArrayEquals(last.toFloats(), net.again.weight().toFloats());
    }
}
