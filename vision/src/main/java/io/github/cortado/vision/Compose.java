package io.github.cortado.vision;

import io.github.cortado.backend.PictureStep;
import io.github.cortado.data.Image;
import io.github.cortado.data.Preparation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Transforms in a row: any number on 8-bit pictures, then perhaps {@link ToTensor}, then any number
 * of {@link Normalize}.
 *
 * <p>The place of a transform in the row, counted from 0 with nested rows laid out flat, is its
 * ordinal in {@link io.github.cortado.random.Streams#augmentation}.
 */
public final class Compose implements Transform, Preparation {
    private final List<Transform> transforms;
    private final PictureTransform[] onPictures;
    private final List<Normalize> normalizations;
    // Value of byte x in channel c at 256 c + x; empty without ToTensor.
    private final float[] values;

    private Compose(List<Transform> transforms) {
        this.transforms = transforms;
        this.onPictures =
                transforms.stream()
                        .takeWhile(PictureTransform.class::isInstance)
                        .toArray(PictureTransform[]::new);
        this.values = values(transforms.subList(onPictures.length, transforms.size()));
        this.normalizations =
                transforms.stream()
                        .filter(Normalize.class::isInstance)
                        .map(Normalize.class::cast)
                        .toList();
    }

    /**
     * Puts transforms in a row; rows in the row are laid out flat.
     *
     * @throws IllegalArgumentException where a picture transform follows ToTensor, or Normalize or
     *     a second ToTensor stands where it cannot
     */
    public static Compose of(Transform... transforms) {
        List<Transform> flat = new ArrayList<>();
        for (Transform transform : transforms) {
            if (transform instanceof Compose compose) {
                flat.addAll(compose.transforms);
            } else {
                flat.add(transform);
            }
        }
        return new Compose(List.copyOf(flat));
    }

    private static float[] values(List<Transform> steps) {
        if (steps.isEmpty()) {
            return new float[0];
        }
        if (!(steps.get(0) instanceof ToTensor)) {
            throw new IllegalArgumentException(
                    "Compose: " + steps.get(0) + " needs ToTensor before it");
        }
        float[] values = new float[Image.CHANNELS * 256];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 256 / 255f;
        }
        for (Transform step : steps.subList(1, steps.size())) {
            if (!(step instanceof Normalize normalize)) {
                throw new IllegalArgumentException(
                        "Compose: " + step + " works on 8-bit pictures, put it before ToTensor");
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = normalize.apply(i / 256, values[i]);
            }
        }
        return values;
    }

    /** Returns the transforms in order, nested rows laid out flat. */
    public List<Transform> transforms() {
        return transforms;
    }

    /** Without the transforms that do nothing to height x width pictures. */
    @Override
    public Optional<OnDevice> onDevice(int height, int width) {
        List<PictureStep> steps = new ArrayList<>();
        for (int ordinal = 0; ordinal < onPictures.length; ordinal++) {
            Optional<PictureStep> step = onPictures[ordinal].step(ordinal, height, width);
            if (step.isEmpty()) {
                return Optional.empty();
            }
            if (step.get().kind() != PictureStep.Kind.NONE) {
                steps.add(step.get());
            }
        }
        return Optional.of(new OnDevice(List.copyOf(steps), values));
    }

    @Override
    public Worker worker(long seed) {
        Draws draws = new Draws(seed);
        Image spare = new Image(1, 1);
        return (picture, epoch, index) -> picture(picture, spare, draws.at(epoch, index));
    }

    /** True where the row contains ToTensor, so that {@link #toFloats} can be asked for. */
    @Override
    public boolean makesTensors() {
        return values.length > 0;
    }

    /** Returns the picture after the 8-bit transforms, leaving the given one as it is. */
    public Image picture(Image picture, Draws draws) {
        return picture(picture.copy(), new Image(1, 1), draws).copy();
    }

    /**
     * Applies the 8-bit transforms between two pictures, both of which may be overwritten, and
     * returns the one with the result.
     */
    // Which of the two pictures it is, not what is on it.
    @SuppressWarnings("ReferenceEquality")
    public Image picture(Image picture, Image spare, Draws draws) {
        Image current = picture;
        Image other = spare;
        int ordinal = 0;
        while (ordinal < onPictures.length) {
            VectorGeometry geometry = draws.geometry;
            int moves = geometry == null ? 0 : geometricFrom(ordinal);
            Image result;
            if (geometry != null && moves > 1) {
                result = move(ordinal, moves, current, other, draws, geometry);
                ordinal += moves;
            } else {
                result = onPictures[ordinal].apply(current, other, draws.transform(ordinal));
                ordinal++;
            }
            if (result == other) {
                other = current;
                current = result;
            }
        }
        return current;
    }

    /** How many transforms from this one on are geometric. */
    private int geometricFrom(int ordinal) {
        int end = ordinal;
        while (end < onPictures.length && onPictures[end] instanceof GeometricTransform) {
            end++;
        }
        return end - ordinal;
    }

    /**
     * Geometric transforms in a row, in one pass if they fit; returns the picture with the result.
     */
    private Image move(
            int first, int n, Image picture, Image spare, Draws draws, VectorGeometry geometry) {
        draws.reserveMaps(n);
        int height = picture.height();
        int width = picture.width();
        int maps = 0;
        for (int ordinal = first; ordinal < first + n; ordinal++) {
            GeometricTransform transform = (GeometricTransform) onPictures[ordinal];
            if (transform.map(height, width, draws.transform(ordinal), draws.maps[maps])) {
                maps++;
            }
        }
        if (maps == 0) {
            return picture;
        }
        if (VectorGeometry.fits(height, width, draws.maps, maps)) {
            geometry.sample(picture, draws.maps, maps, spare);
            return spare;
        }
        Image from = picture;
        Image to = spare;
        for (int k = 0; k < maps; k++) {
            Geometry.sample(from, draws.maps[k], to);
            Image swapped = from;
            from = to;
            to = swapped;
        }
        return from;
    }

    /**
     * Writes the values that ToTensor and Normalize give to an already transformed picture to
     * {@code out[offset ..]}, [3, height, width].
     *
     * @throws IllegalStateException without ToTensor in the row
     * @throws IndexOutOfBoundsException where the picture does not fit
     */
    @Override
    public void toFloats(Image picture, float[] out, int offset) {
        if (!makesTensors()) {
            throw new IllegalStateException("Compose: there is no ToTensor in " + this);
        }
        if (VectorPixels.Use.POSSIBLE) {
            VectorPixels.toTensor(picture, out, offset);
            for (Normalize normalize : normalizations) {
                normalize.apply(out, offset, picture.plane());
            }
            return;
        }
        byte[] p = picture.pixels();
        int plane = picture.plane();
        for (int c = 0; c < Image.CHANNELS; c++) {
            for (int i = c * plane; i < (c + 1) * plane; i++) {
                out[offset + i] = values[256 * c + (p[i] & 0xff)];
            }
        }
    }

    @Override
    public String toString() {
        return transforms.stream()
                .map(transform -> "    " + transform + "\n")
                .collect(Collectors.joining("", "Compose(\n", ")"));
    }
}
