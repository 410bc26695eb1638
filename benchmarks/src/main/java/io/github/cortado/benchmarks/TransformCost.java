package io.github.cortado.benchmarks;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import io.github.cortado.vision.Compose;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the input pipeline adds to training on the CPU, as a table in Markdown: LeNet steps whose
 * batches come from a loader, with and without the random transforms, and steps on one and the same
 * batch, in turn and in one process, for the machine is not the same in the next one.
 */
public final class TransformCost {
    /** Where batches come from. */
    enum Source {
        ONE_BATCH("the same batch every time"),
        PLAIN("a loader, no random transforms"),
        AUGMENTED("a loader, all transforms");

        final String title;

        Source(String title) {
            this.title = title;
        }
    }

    private final int images;
    private final DataLoader plain;
    private final DataLoader augmented;
    private final LeNet model = new LeNet();
    private final Adam optimizer = new Adam(model.parameters(), 1e-3);
    private final CompiledStep<Tensor> step = Device.cpu().compile(this::step);
    private @Nullable Batch batch;
    private int epoch;

    TransformCost(int images, int batchSize, int workers) {
        this.images = images / batchSize * batchSize;
        ReferencePictures pictures = new ReferencePictures(this.images);
        plain = loader(pictures, ReferencePictures.VALIDATION, batchSize, workers);
        augmented = loader(pictures, ReferencePictures.TRAINING, batchSize, workers);
    }

    private static DataLoader loader(
            ReferencePictures pictures, Compose transforms, int batchSize, int workers) {
        return new DataLoader(pictures, transforms)
                .batchSize(batchSize)
                .shuffle(true)
                .workers(workers);
    }

    /** Runs the program: {@code --threads --workers --batch --images --rounds --warmup}. */
    public static void main(String[] line) {
        Arguments.main(TransformCost.class, line, defaults(), a -> markdown(measure(a)));
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("workers", "0");
        d.put("batch", "100");
        d.put("images", "10000");
        d.put("rounds", "15");
        d.put("warmup", "10");
        return d;
    }

    /** Microseconds a picture in every round, by source. */
    static Map<Source, Series> measure(Arguments a) {
        Seed.manualSeed(0);
        if (a.count("images") < a.count("batch")) {
            throw new Arguments.UsageException("--images must be at least one --batch");
        }
        TransformCost program =
                new TransformCost(a.count("images"), a.count("batch"), a.number("workers", 0));
        for (int round = 0; round < a.count("warmup"); round++) {
            for (Source source : Source.values()) {
                program.pass(source);
            }
        }
        Map<Source, List<Double>> figures = new EnumMap<>(Source.class);
        for (int round = 0; round < a.count("rounds"); round++) {
            for (Source source : Source.values()) {
                figures.computeIfAbsent(source, s -> new ArrayList<>()).add(program.pass(source));
            }
        }
        Map<Source, Series> all = new EnumMap<>(Source.class);
        figures.forEach((source, values) -> all.put(source, new Series(values)));
        return all;
    }

    /** Trains on as many pictures as there are, and returns microseconds for each. */
    private double pass(Source source) {
        epoch++;
        long start = System.nanoTime();
        if (source == Source.ONE_BATCH) {
            batch = plain.epoch(0).next();
            for (int i = 0; i < images; i += plain.batchSize()) {
                step.run();
            }
        } else {
            DataLoader loader = source == Source.PLAIN ? plain : augmented;
            for (Batch next : loader.epoch(epoch)) {
                batch = next;
                step.run();
            }
        }
        return (System.nanoTime() - start) / 1e3 / images;
    }

    private Tensor step() {
        Batch now = Objects.requireNonNull(batch);
        optimizer.zeroGrad();
        Tensor loss = crossEntropy(model.forward(now.images()), now.labels());
        loss.backward();
        optimizer.step();
        return loss;
    }

    /** The table; ratios are medians over the rounds, and of the same round. */
    static String markdown(Map<Source, Series> all) {
        StringBuilder s =
                new StringBuilder(
                        "| batches from | us a picture | spread | over the row above | spread"
                                + " | over the first row | spread |\n"
                                + "|---|--:|--:|--:|--:|--:|--:|\n");
        Series first = null;
        Series above = null;
        for (Map.Entry<Source, Series> entry : all.entrySet()) {
            Series now = entry.getValue();
            s.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | %.2f | %s | %s | %s |\n",
                            entry.getKey().title,
                            now.median(),
                            now.spread(2),
                            ratio(now, above),
                            ratio(now, first)));
            first = first == null ? now : first;
            above = now;
        }
        return s.toString().stripTrailing();
    }

    private static String ratio(Series series, @Nullable Series base) {
        if (base == null) {
            return "|";
        }
        Series ratio = series.over(base);
        return String.format(Locale.ROOT, "%.3f | %s", ratio.median(), ratio.spread(3));
    }
}
