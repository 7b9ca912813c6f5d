using Weir.ControlPlane.Server.Commands;

return await ServerCommandLine.RunAsync(args);
