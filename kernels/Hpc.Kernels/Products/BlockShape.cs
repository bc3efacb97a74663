namespace Hpc.Kernels.Products;

/// <summary>The constants of an <see cref="IBlockSizes"/> and its register tile as values.</summary>
/// <param name="Edge">Edge of a group's tile.</param>
/// <param name="Depth">Terms of a sum between two barriers.</param>
/// <param name="Threads">Threads of a group of the product kernels.</param>
/// <param name="GroupSize">Threads of a group of the other kernels.</param>
internal sealed record BlockShape(int Edge, int Depth, int Threads, int GroupSize);
