package io.github.cortado.example.cifar;

import io.github.cortado.Tensor;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.vision.Compose;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.EigenDecomposition;

/**
 * Filters of 2 x 2 pixels whose answers on pictures of a data set have no correlation and about the
 * same variance: the eigenvectors v of the patches' second moments, largest eigenvalue e first, as
 * v / (e + 5e-4)^(1/2), and after all of them their negatives.
 */
final class Whitening {
    /** Height and width of a filter. */
    static final int SIDE = 2;

    private static final int LENGTH = Image.CHANNELS * SIDE * SIDE;

    /** How many filters there are. */
    static final int CHANNELS = 2 * LENGTH;

    /** Pictures that are looked at; more change nothing that could be seen. */
    private static final int PICTURES = 5000;

    private static final double EPS = 5e-4;

    private Whitening() {}

    /** Filters [24, 3, 2, 2] for the first pictures, as the network gets them. */
    static Tensor of(Dataset pictures, Compose transforms) {
        EigenDecomposition parts =
                new EigenDecomposition(new Array2DRowRealMatrix(moments(pictures, transforms)));
        double[] values = parts.getRealEigenvalues();
        int[] order =
                IntStream.range(0, LENGTH)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer i) -> -values[i]))
                        .mapToInt(i -> i)
                        .toArray();
        float[] filters = new float[CHANNELS * LENGTH];
        for (int f = 0; f < LENGTH; f++) {
            double[] v = parts.getEigenvector(order[f]).toArray();
            double scale = 1 / Math.sqrt(values[order[f]] + EPS);
            for (int i = 0; i < LENGTH; i++) {
                filters[f * LENGTH + i] = (float) (v[i] * scale);
                filters[(LENGTH + f) * LENGTH + i] = -filters[f * LENGTH + i];
            }
        }
        return Tensor.of(filters, CHANNELS, Image.CHANNELS, SIDE, SIDE);
    }

    /** Means of products of two places' values in a patch. */
    private static double[][] moments(Dataset pictures, Compose transforms) {
        double[][] sums = new double[LENGTH][LENGTH];
        double[] patch = new double[LENGTH];
        long patches = 0;
        Image picture = new Image(1, 1);
        for (int n = 0; n < Math.min(PICTURES, pictures.size()); n++) {
            pictures.read(n, picture);
            float[] x = new float[picture.length()];
            transforms.toFloats(picture, x, 0);
            for (int row = 0; row <= picture.height() - SIDE; row++) {
                for (int column = 0; column <= picture.width() - SIDE; column++) {
                    take(x, picture, row, column, patch);
                    patches++;
                    for (int i = 0; i < LENGTH; i++) {
                        for (int j = 0; j <= i; j++) {
                            sums[i][j] += patch[i] * patch[j];
                        }
                    }
                }
            }
        }
        for (int i = 0; i < LENGTH; i++) {
            for (int j = 0; j <= i; j++) {
                sums[i][j] /= patches;
                sums[j][i] = sums[i][j];
            }
        }
        return sums;
    }

    private static void take(float[] x, Image picture, int row, int column, double[] patch) {
        int i = 0;
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int down = 0; down < SIDE; down++) {
                int from = (c * picture.height() + row + down) * picture.width() + column;
                for (int right = 0; right < SIDE; right++) {
                    patch[i++] = x[from + right];
                }
            }
        }
        assert i == LENGTH : Arrays.toString(patch);
    }
}
