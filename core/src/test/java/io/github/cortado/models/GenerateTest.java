package io.github.cortado.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link GPT#generate} writes. */
class GenerateTest {
    private static final Path FILE =
            Path.of("src", "test", "resources", "oracle", "models", "gpt.safetensors");
    private static final int VOCABULARY = 11;
    private static final int POSITIONS = 16;

    private GPT net;
    private Map<String, Tensor> file;
    private Tensor prompt;

    @BeforeEach
    void load() throws Exception {
        file = SafeTensors.load(FILE);
        net = new GPT(new GPT.Sizes(VOCABULARY, POSITIONS, 24, 2, 3), 0);
        net.loadStateDict(ModelsTest.weights(file));
        net.eval();
        prompt = file.get("prompt");
    }

    @Test
    void theMostLikelySymbolsAreThoseOfPyTorch() {
        Tensor text = net.generate(prompt, 12, Sampling.greedy());
        assertEquals(Shape.of(2, POSITIONS), text.shape());
        assertArrayEquals(file.get("greedy").toLongs(), text.toLongs());
        for (Sampling same : List.of(new Sampling(0, 0, 5), new Sampling(1, 1, 6))) {
            assertArrayEquals(
                    text.toLongs(), net.generate(prompt, 12, same).toLongs(), same.toString());
        }
    }

    @Test
    void keptKeysAndValuesChangeNothing() {
        for (Sampling sampling :
                List.of(
                        Sampling.greedy(),
                        Sampling.random(9),
                        new Sampling(0.7, 3, 5),
                        new Sampling(2, 6, 7))) {
            assertArrayEquals(
                    anew(prompt, 12, sampling),
                    net.generate(prompt, 12, sampling).toLongs(),
                    sampling.toString());
        }
    }

    /** As {@link GPT#generate}, all of it computed anew for each symbol. */
    private long[] anew(Tensor x, int count, Sampling sampling) {
        for (int i = 0; i < count; i++) {
            int t = x.dim(1);
            Tensor last = net.forward(x).detach().narrow(1, t - 1, 1);
            long[] chosen = new long[x.dim(0)];
            for (int row = 0; row < chosen.length; row++) {
                float[] logits = last.narrow(0, row, 1).toFloats();
                chosen[row] =
                        sampling.choose(logits, Streams.general(sampling.seed(), row).uniform(t));
            }
            x = Tensor.cat(1, x, Tensor.of(chosen, chosen.length, 1));
        }
        return x.toLongs();
    }

    @Test
    void eachSeedAndEachLineHasRandomNumbersOfItsOwn() {
        Tensor twice = Tensor.of(new long[] {4, 4}, 2, 1);
        long[] text = net.generate(twice, 15, Sampling.random(1)).toLongs();
        assertArrayEquals(text, net.generate(twice, 15, Sampling.random(1)).toLongs());
        assertFalse(Arrays.equals(text, net.generate(twice, 15, Sampling.random(2)).toLongs()));
        assertFalse(
                Arrays.equals(
                        Arrays.copyOf(text, POSITIONS),
                        Arrays.copyOfRange(text, POSITIONS, 2 * POSITIONS)));
        // A line does not depend on those beside it.
        long[] alone = net.generate(twice.narrow(0, 0, 1), 15, Sampling.random(1)).toLongs();
        assertArrayEquals(Arrays.copyOf(text, POSITIONS), alone);
    }

    @Test
    void noSymbolsMoreIsThePromptItself() {
        assertArrayEquals(prompt.toLongs(), net.generate(prompt, 0, Sampling.random(1)).toLongs());
    }

    @Test
    void ofNoPromptsNoTextsAreMade() {
        Tensor none = Tensor.of(new long[0], 0, 3);
        assertEquals(Shape.of(0, 7), net.generate(none, 4, Sampling.greedy()).shape());
    }

    @Test
    void aSymbolIsChosenAsOftenAsItsProbabilitySays() {
        float[] logits = logs(0.2, 0.5, 0.3);
        assertEquals(List.of(200, 500, 300), counts(new Sampling(1, 0, 0), logits));
        // 0.04, 0.25 and 0.09 of 0.38.
        assertEquals(List.of(105, 658, 237), counts(new Sampling(0.5, 0, 0), logits));
        assertEquals(List.of(0, 625, 375), counts(new Sampling(1, 2, 0), logits));
        assertEquals(List.of(0, 1000, 0), counts(new Sampling(1, 1, 0), logits));
        assertEquals(List.of(200, 500, 300), counts(new Sampling(1, 9, 0), logits));
        // The second and the third are as likely, so that neither is left out.
        assertEquals(List.of(500, 250, 250), counts(new Sampling(1, 2, 0), logs(0.5, 0.25, 0.25)));
        assertEquals(1, Sampling.greedy().choose(logs(0.2, 0.4, 0.4), 0.9));
    }

    private static float[] logs(double... probabilities) {
        float[] logits = new float[probabilities.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (5 + Math.log(probabilities[i]));
        }
        return logits;
    }

    /** How often each symbol is chosen by a thousand numbers that lie evenly. */
    private static List<Integer> counts(Sampling sampling, float[] logits) {
        Integer[] counts = new Integer[logits.length];
        Arrays.fill(counts, 0);
        for (int i = 0; i < 1000; i++) {
            counts[sampling.choose(logits, (i + 0.5) / 1000)]++;
        }
        return List.of(counts);
    }

    @Test
    void logitsThatAreNoNumbersAreRefused() {
        net.stateDict().get("transformer.ln_f.bias").fill(Double.NaN);
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> net.generate(prompt, 1, Sampling.greedy()));
        assertEquals("GPT.generate: the logits are NaN", e.getMessage());
    }

    @Test
    void dropoutIsForTrainingAlone() {
        Seed.manualSeed(1);
        GPT dropping = new GPT(new GPT.Sizes(VOCABULARY, POSITIONS, 24, 2, 3), 0.5);
        dropping.loadStateDict(ModelsTest.weights(file));
        Tensor x = file.get("x");
        assertTrue(ModelsTest.difference(file.get("logits"), dropping.forward(x)) > 0.1);
        dropping.forward(x).sum().backward();
        dropping.namedParameters()
                .forEach((name, p) -> assertTrue(p.grad().norm().item() < 1e6, name));
        dropping.eval();
        assertTrue(ModelsTest.difference(file.get("logits"), dropping.forward(x)) < 1e-4);
    }
}
