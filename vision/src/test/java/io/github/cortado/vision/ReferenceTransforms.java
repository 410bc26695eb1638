package io.github.cortado.vision;

/** The reference program's transforms of 32 x 32 pictures, which it need not resize. */
public final class ReferenceTransforms {
    /** Those of training. */
    public static final Compose TRAINING =
            Compose.of(
                    new RandomHorizontalFlip(),
                    new RandomRotation(10),
                    new RandomAffine(0).shear(10).scale(0.8, 1.2),
                    new ColorJitter(0.2, 0.2, 0.2),
                    new ToTensor(),
                    new Normalize(0.5, 0.5));

    private ReferenceTransforms() {}
}
