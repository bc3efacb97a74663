using Hpc.Numerics.Randomness;

namespace Hpc.Numerics.Tests.Randomness;

public class Philox4x32Tests
{
    /// <summary>The vectors "philox4x32 10" of the file kat_vectors of Random123.</summary>
    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0 }, 0u, 0u, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, 0xffffffffu, 0xffffffffu,
        new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, 0xa4093822u, 0x299f31d0u,
        new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void KnownAnswers(uint[] counter, uint key0, uint key1, uint[] expected)
    {
        Philox4x32.Block(ref counter[0], ref counter[1], ref counter[2], ref counter[3], key0, key1);
        Assert.Equal(expected, counter);
    }
}
