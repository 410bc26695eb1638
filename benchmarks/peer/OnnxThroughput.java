import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * ONNX Runtime's speed of forward passes by its Java API, as {@code NetThroughput --infer} measures
 * ours: a JSON line with pictures a second by the median of the steps' times, each of which ends
 * with reading a logit. The model and the pictures are those of {@code onnx_file.py}, whose answers
 * have to be found first.
 *
 * <pre>java -cp onnxruntime.jar OnnxThroughput.java --threads 2 --steps 20 --warmup 6 MODEL</pre>
 */
public final class OnnxThroughput {
    /** How far logits may be from PyTorch's, of the largest one. */
    private static final double TOLERANCE = 1e-4;

    public static void main(String[] line) throws IOException, OrtException {
        String file = line[line.length - 1];
        int threads = option(line, "--threads", Runtime.getRuntime().availableProcessors());
        int steps = option(line, "--steps", 20);
        long warmUp = option(line, "--warmup", 6) * 1_000_000_000L;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            try (OrtSession session = environment.createSession(file, options)) {
                String input = session.getInputNames().iterator().next();
                long[] shape = ((TensorInfo) session.getInputInfo().get(input).getInfo()).getShape();
                OnnxTensor x = OnnxTensor.createTensor(environment, floats(file + ".x"), shape);
                Map<String, OnnxTensor> inputs = Map.of(input, x);
                double difference = difference(answer(session, inputs), floats(file + ".y"));
                if (!(difference <= TOLERANCE)) {
                    System.err.println("OnnxThroughput: logits differ by " + difference);
                    System.exit(1);
                }
                long end = System.nanoTime() + warmUp;
                while (System.nanoTime() < end) {
                    answer(session, inputs);
                }
                double[] rates = new double[steps];
                for (int i = 0; i < steps; i++) {
                    long start = System.nanoTime();
                    answer(session, inputs).get(0);
                    rates[i] = shape[0] * 1e9 / (System.nanoTime() - start);
                }
                Arrays.sort(rates);
                System.out.printf(
                        Locale.ROOT,
                        "{\"onnxruntime\": \"%s\", \"threads\": %d, \"batch\": %d, \"steps\": %d,"
                                + " \"items_per_second\": %.2f, \"slowest\": %.2f,"
                                + " \"difference\": %.2g}%n",
                        environment.getVersion(),
                        threads,
                        shape[0],
                        steps,
                        (rates[(steps - 1) / 2] + rates[steps / 2]) / 2,
                        rates[0],
                        difference);
            }
        }
    }

    private static FloatBuffer answer(OrtSession session, Map<String, OnnxTensor> inputs)
            throws OrtException {
        try (OrtSession.Result result = session.run(inputs)) {
            return ((OnnxTensor) result.get(0)).getFloatBuffer();
        }
    }

    /** The largest difference, of the largest logit. */
    private static double difference(FloatBuffer y, FloatBuffer expected) {
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.capacity(); i++) {
            // NaN stays: Math.max keeps it.
            difference = Math.max(difference, Math.abs(y.get(i) - expected.get(i)));
            largest = Math.max(largest, Math.abs(expected.get(i)));
        }
        return difference / largest;
    }

    private static FloatBuffer floats(String file) throws IOException {
        byte[] bytes = Files.readAllBytes(Path.of(file));
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        return direct.put(bytes).flip().asFloatBuffer();
    }

    private static int option(String[] line, String name, int otherwise) {
        int at = Arrays.asList(line).indexOf(name);
        return at < 0 ? otherwise : Integer.parseInt(line[at + 1]);
    }
}
