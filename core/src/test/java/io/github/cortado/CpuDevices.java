package io.github.cortado;

import java.util.List;

/** The devices that tests run on: the scalar backend, and the Vector API's where it runs. */
public final class CpuDevices {
    private CpuDevices() {}

    /** {@code cpu-scalar}, and {@code cpu} if that is another backend. */
    public static List<Device> all() {
        return Device.cpu().sameAs(Device.cpuScalar())
                ? List.of(Device.cpuScalar())
                : List.of(Device.cpuScalar(), Device.cpu());
    }
}
