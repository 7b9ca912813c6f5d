using Weir.ControlPlane.Application.Tests.Support;

[assembly: AssemblyFixture(typeof(ControlPlaneDatabases))]
