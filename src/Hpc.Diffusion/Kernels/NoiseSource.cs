namespace Hpc.Diffusion.Kernels;

/// <summary>
/// Fills the noise ξ of a run of samples in one epoch: component n of sample <paramref name="firstSample"/> + i at i·N + n, standard
/// normal. It is called from several threads at once, and what it writes must depend on nothing but the epoch and the sample.
/// </summary>
/// <param name="epoch">The epoch that was passed to <see cref="FreshNoiseEpoch{T}.Run"/>.</param>
/// <param name="firstSample">Index of the first sample.</param>
/// <param name="noise">A multiple of N numbers, those of at most 32 samples.</param>
public delegate void NoiseSource<T>(long epoch, int firstSample, Span<T> noise);
