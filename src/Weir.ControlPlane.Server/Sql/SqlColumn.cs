namespace Weir.ControlPlane.Server.Sql;

/// <param name="Type">PostgreSQL's name of the type.</param>
internal sealed record SqlColumn(string Name, string Type);
