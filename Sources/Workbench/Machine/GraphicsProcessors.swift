import Foundation

extension MachineResources {
    /// The GPUs that the system shows: NVIDIA's by the driver's names, others by vendor and device number.
    func graphicsProcessors() -> [String] {
        let named = nvidiaProcessors()
        return named + cards(withNVIDIA: named.isEmpty)
    }

    /// As NVIDIA's driver tells, a folder for each place on the bus.
    private func nvidiaProcessors() -> [String] {
        let folder = root.appendingPathComponent("proc/driver/nvidia/gpus")
        return entries(of: folder).compactMap { place in
            guard let text = try? String(contentsOf: folder.appendingPathComponent(place + "/information"), encoding: .utf8),
                let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Model:") })
            else { return nil }
            let name = line.dropFirst("Model:".count).trimmingCharacters(in: .whitespaces)
            return name.isEmpty ? nil : name
        }
    }

    /// As the kernel tells: `card0` and the like, whose screens are entries of their own. What only shows a virtual machine's
    /// screen is no GPU.
    private func cards(withNVIDIA: Bool) -> [String] {
        let folder = root.appendingPathComponent("sys/class/drm")
        return entries(of: folder).compactMap { name in
            guard name.hasPrefix("card"), name.dropFirst(4).allSatisfy(\.isNumber), let vendor = word(folder, name, "vendor") else { return nil }
            let maker: String
            switch vendor {
            case "0x10de" where withNVIDIA: maker = "NVIDIA"
            case "0x1002": maker = "AMD"
            case "0x8086": maker = "Intel"
            default: return nil
            }
            return [maker, "GPU", word(folder, name, "device")].compactMap { $0 }.joined(separator: " ")
        }
    }

    private func word(_ folder: URL, _ card: String, _ file: String) -> String? {
        (try? String(contentsOf: folder.appendingPathComponent("\(card)/device/\(file)"), encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
    }

    private func entries(of folder: URL) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
    }
}
