// The emulated driver's modules and launches: kernels are compiled into the driver, and a module's PTX must agree with them.
#include <cstdlib>
#include <memory>

#include "device_memory.h"
#include "driver.h"

using namespace driver;

driver::Kernels driver::replaced;
driver::Kernels* driver::registering = nullptr;

namespace {

struct Module {
  std::string image;
};

// The parameters of a kernel by the PTX text: as many `.param` lines as there are, with their sizes.
std::string checkAgainstPtx(const emu::Kernel& k, const std::string& image) {
  size_t at = image.find(std::string(".entry ") + k.name + "(");
  if (at == std::string::npos) return std::string("the module has no kernel ") + k.name;
  size_t end = image.find(')', at);
  std::vector<unsigned> sizes;
  for (size_t p = image.find(".param", at); p != std::string::npos && p < end; p = image.find(".param", p + 1)) {
    size_t line = image.find_first_of(",)\n", p);
    std::string text = image.substr(p, line - p);
    size_t bracket = text.find('[');
    if (bracket != std::string::npos) {
      sizes.push_back(static_cast<unsigned>(atoi(text.c_str() + bracket + 1)));
    } else {
      size_t digits = text.find_first_of("0123456789", text.find(" .") + 1);
      sizes.push_back(static_cast<unsigned>(atoi(text.c_str() + digits)) / 8);
    }
  }
  if (sizes.size() != k.count) {
    return std::string("the PTX of ") + k.name + " has " + std::to_string(sizes.size()) + " parameters, its source " +
           std::to_string(k.count);
  }
  for (unsigned i = 0; i < k.count; i++) {
    if (sizes[i] != k.sizes[i]) {
      return std::string("parameter ") + std::to_string(i) + " of " + k.name + " has " + std::to_string(sizes[i]) +
             " bytes in the PTX, " + std::to_string(k.sizes[i]) + " in the source";
    }
  }
  return "";
}

// The arguments of a launch, copied when it is made.
struct Arguments {
  std::vector<char> bytes;
  std::vector<void*> pointers;

  Arguments(const emu::Kernel& k, void** from) {
    size_t total = 0;
    for (unsigned i = 0; i < k.count; i++) total += (k.sizes[i] + 15) / 16 * 16;
    bytes.resize(total);
    size_t at = 0;
    for (unsigned i = 0; i < k.count; i++) {
      memcpy(bytes.data() + at, from[i], k.sizes[i]);
      pointers.push_back(bytes.data() + at);
      at += (k.sizes[i] + 15) / 16 * 16;
    }
  }
};

// Dynamic shared memory that kernels were allowed beyond the usual.
std::map<const void*, int> sharedAllowed;

}  // namespace

driver::Kernels& driver::kernels() {
  static Kernels all;
  return all;
}

void emu::registerKernel(const Kernel& k) { (registering != nullptr ? *registering : kernels())[k.name] = k; }

EXPORT Result cuModuleLoadDataEx(void** m, const void* image, unsigned, int*, void**) {
  NEEDS_CONTEXT;
  std::string text(static_cast<const char*>(image));
  {
    Locked l(lock);
    NOT_IN_A_CAPTURE("loading a module");
    if (text.rfind("//", 0) != 0) return fail(kInvalidPtx, "the image is not PTX text that begins with a comment");
    Result r = noteLoad(text);
    if (r != kSuccess) return r;
  }
  compile();
  *m = new Module{text};
  return kSuccess;
}
EXPORT Result cuModuleLoadData(void** m, const void* image) { return cuModuleLoadDataEx(m, image, 0, nullptr, nullptr); }
EXPORT Result cuModuleUnload(void* m) {
  NEEDS_CONTEXT;
  Locked l(lock);
  NOT_IN_A_CAPTURE("unloading a module");
  delete static_cast<Module*>(m);
  return kSuccess;
}
EXPORT Result cuModuleGetFunction(void** f, void* m, const char* name) {
  const Knob* knob = findKnob(name);
  if (knob != nullptr) {
    *f = const_cast<Knob*>(knob);
    return kSuccess;
  }
  NEEDS_CONTEXT;
  Locked l(lock);
  // A driver that loads lazily does so here.
  NOT_IN_A_CAPTURE("looking for a kernel");
  auto k = kernels().find(name);
  if (k == kernels().end()) return fail(kNotFound, std::string("no kernel ") + name + " was compiled into the emulated driver");
  std::string fault = checkAgainstPtx(k->second, static_cast<Module*>(m)->image);
  if (!fault.empty()) return fail(kNotFound, fault);
  *f = &k->second;
  return kSuccess;
}
EXPORT Result cuFuncGetAttribute(int* v, int attribute, void*) {
  NEEDS_CONTEXT;
  *v = attribute == 0 ? static_cast<int>(emu::kMaxThreads) : 0;
  return kSuccess;
}
EXPORT Result cuFuncSetAttribute(void* f, int attribute, int value) {
  NEEDS_CONTEXT;
  if (attribute == 8 && value > static_cast<int>(emu::kDynamicShared)) {
    return fail(kInvalidValue, "more dynamic shared memory than the device has");
  }
  if (attribute == 8) sharedAllowed[f] = value;
  return kSuccess;
}
EXPORT Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* n, void*, int, size_t) { *n = 2; return kSuccess; }

EXPORT Result cuLaunchKernel(void* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                             unsigned dynamicBytes, void* s, void** arguments, void**) {
  const Knob* knob = findKnob(static_cast<const void*>(f));
  if (knob != nullptr) {
    Locked l(lock);
    flushAll();
    return knob->turn(*static_cast<long long*>(arguments[0]));
  }
  NEEDS_CONTEXT;
  Locked l(lock);
  emu::Kernel k = *static_cast<emu::Kernel*>(f);
  auto other = replaced.find(k.name);
  if (other != replaced.end()) k = other->second;
  std::string name = std::string("kernel ") + k.name;
  uint64_t threads = static_cast<uint64_t>(bx) * by * bz;
  if (threads == 0 || threads > emu::kMaxThreads || gx == 0 || gy == 0 || gz == 0 || gy > 65535 || gz > 65535 || gx > 2147483647u) {
    return fail(kInvalidValue, name + ": launch configuration out of range");
  }
  auto allowed = sharedAllowed.find(f);
  if (dynamicBytes > (allowed == sharedAllowed.end() ? emu::kStaticShared : static_cast<size_t>(allowed->second))) {
    return fail(kInvalidValue, name + ": more dynamic shared memory than it was allowed");
  }
  noteLaunch(k.name, threads * gx * gy * gz);
  auto args = std::make_shared<Arguments>(k, arguments);
  return enqueue(s, 0, [=]() -> Result {
    std::string fault = emu::run(k, {gx, gy, gz}, {bx, by, bz}, dynamicBytes, args->pointers.data());
    if (!fault.empty()) return fail(kLaunchFailed, fault);
    std::string damage = emu::damagedDevice();
    if (!damage.empty()) return fail(kIllegalAddress, name + ": " + damage);
    return kSuccess;
  });
}
