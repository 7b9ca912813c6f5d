using Weir.Agent;
using Weir.Agent.Configuration;

// Completions run on the thread that saw them instead of the thread pool, and one such thread is enough: a fraction of the processor time per
// message. Both are read once, when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");

AgentOptions options;
try
{
    options = AgentOptionsReader.ReadEnvironment();
}
catch (AgentOptionsException exception)
{
    foreach (var fault in exception.Faults)
        await Console.Error.WriteLineAsync("weir-agent: " + fault);
    return ExitCode.WrongConfiguration;
}

return await AgentProcess.RunAsync(options, TimeProvider.System);
