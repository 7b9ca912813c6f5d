using Weir.Cli;

return await CommandLine.RunAsync(args, new CommandContext(Console.In, Console.Out, Console.Error, Environment.GetEnvironmentVariable), CancellationToken.None);
