using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Hpc.Ddpm.Torch;

/// <summary>Loads libtorch and its binding from the package folders before TorchSharp looks for them by name.</summary>
internal static partial class NativeTorch
{
    // Options of the allocator, malloc.h.
    private const int TrimThreshold = -1, MapThreshold = -3, ArenaCount = -8;

    /// <exception cref="DllNotFoundException">A library is missing or cannot be loaded.</exception>
    public static void Load()
    {
        string folder = Folder("Hpc.LibTorchNative");

        // Each before those that need it. libgomp has another name in every build, and only builds for CUDA have the middle two.
        string[] order = ["libgomp*.so*", "libc10.so", "libc10_cuda.so", "libtorch_cpu.so", "libtorch_cuda.so", "libtorch.so"];
        if (!Directory.Exists(folder))
        {
            throw new DllNotFoundException($"The folder '{folder}' of libtorch is missing: build the project again, or give it with -p:LibTorch=DIR.");
        }

        foreach (string library in order.SelectMany(name => Directory.GetFiles(folder, name)))
        {
            NativeLibrary.Load(library);
        }

        string binding = Path.Combine(Folder("Hpc.TorchSharpNative"), "libLibTorchSharp.so");
        if (!NativeLibrary.TryLoad(binding, out _))
        {
            string copy = WithoutRuntimeVersion(binding, "GLIBCXX_3.4.32");
            NativeLibrary.Load(copy);

            // What is loaded stays mapped.
            Directory.Delete(Path.GetDirectoryName(copy)!, recursive: true);
        }

        KeepFreedMemory();
    }

    /// <summary>
    /// Has the allocator keep what tensors leave: given back to the system, every page of it costs a fault when the next tensor takes it.
    /// </summary>
    private static void KeepFreedMemory()
    {
        _ = SetAllocator(TrimThreshold, int.MaxValue);
        _ = SetAllocator(MapThreshold, 32 << 20);
        _ = SetAllocator(ArenaCount, 1);
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetAllocator(int option, int value);

    private static string Folder(string option)
        => AppContext.GetData(option) as string
            ?? throw new InvalidOperationException($"The runtime option {option} is missing: rebuild the project.");

    /// <summary>
    /// A copy of a library that runs with a C++ runtime older than the one that it was linked with: its need for one symbol version is
    /// marked weak (VER_FLG_WEAK of the version-need table of ELF). TorchSharp's binding asks for the version by one symbol that older
    /// runtimes have under the version before it.
    /// </summary>
    private static string WithoutRuntimeVersion(string library, string version)
    {
        const int VersionNeedSection = 0x6ffffffe;
        const ushort Weak = 2;
        byte[] elf = File.ReadAllBytes(library);
        long Word(long at, int size) => size switch
        {
            2 => BinaryPrimitives.ReadUInt16LittleEndian(elf.AsSpan((int)at)),
            4 => BinaryPrimitives.ReadUInt32LittleEndian(elf.AsSpan((int)at)),
            _ => BinaryPrimitives.ReadInt64LittleEndian(elf.AsSpan((int)at)),
        };

        long sections = Word(0x28, 8);
        long sectionSize = Word(0x3A, 2);
        long sectionCount = Word(0x3C, 2);
        for (long section = sections; section < sections + sectionCount * sectionSize; section += sectionSize)
        {
            if (Word(section + 4, 4) != VersionNeedSection)
            {
                continue;
            }

            long names = Word(sections + Word(section + 0x28, 4) * sectionSize + 0x18, 8);
            long need = Word(section + 0x18, 8);
            for (long next = need; next != 0; next = Word(need + 12, 4) is var step and not 0 ? need + step : 0)
            {
                need = next;
                long entry = need + Word(need + 8, 4);
                for (long i = Word(need + 2, 2); i > 0; i--)
                {
                    ReadOnlySpan<byte> name = elf.AsSpan((int)(names + Word(entry + 8, 4)));
                    if (name[..name.IndexOf((byte)0)].SequenceEqual(Encoding.ASCII.GetBytes(version)))
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan((int)entry + 4), Weak);
                    }

                    entry += Word(entry + 12, 4);
                }
            }
        }

        string copy = Path.Combine(Directory.CreateTempSubdirectory("hpc-libtorch").FullName, Path.GetFileName(library));
        File.WriteAllBytes(copy, elf);
        return copy;
    }
}
