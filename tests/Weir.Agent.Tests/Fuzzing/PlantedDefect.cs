namespace Weir.Agent.Tests.Fuzzing;

/// <summary>A defect that chance alone does not find: each byte that is right opens one branch more.</summary>
internal static class PlantedDefect
{
    public static Action<byte[]> Create() => static input =>
    {
        if (input.Length > 3 && input[0] == 0x57 && input[1] == 0xE1)
        {
            if (input[2] == 0x1C)
            {
                if (input[3] == 0x9B)
                    throw new InvalidOperationException("found");
            }
        }
    };
}
