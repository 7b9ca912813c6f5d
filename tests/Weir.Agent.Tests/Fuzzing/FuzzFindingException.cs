namespace Weir.Agent.Tests.Fuzzing;

/// <summary>An input that shows a defect, with everything that it takes to see it again.</summary>
internal sealed class FuzzFindingException(int seed, int run, byte[] input, Exception fault)
    : Exception($"seed {seed}, run {run}: {fault.GetType().Name}: {fault.Message}\nagain with WEIR_FUZZ_INPUT={Convert.ToHexStringLower(input)}", fault)
{
    public byte[] Input { get; } = input;
}
