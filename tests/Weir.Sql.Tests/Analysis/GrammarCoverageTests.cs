using System.Text.Json;
using Weir.Policy.Analysis;
using Weir.Sql.Analysis;
using Weir.Sql.Analysis.Ast;
using Weir.Sql.Analysis.Naming;
using Weir.Sql.Analysis.Statements;
using Weir.Sql.Analysis.Walking;
using Weir.Sql.Parsing;
using Weir.Sql.Tests.Parsing;

namespace Weir.Sql.Tests.Analysis;

/// <summary>Every node type of PostgreSQL 18's grammar has a decision; these lists hold them all.</summary>
public sealed class GrammarCoverageTests(ParserFixture fixture) : IClassFixture<ParserFixture>
{
    private const string Unfamiliar = "does not know";

    /// <summary>Statements of the grammar.</summary>
    private const string Statements =
        "InsertStmt DeleteStmt UpdateStmt MergeStmt SelectStmt CreateSchemaStmt AlterTableStmt AlterCollationStmt AlterDomainStmt GrantStmt GrantRoleStmt "
        + "AlterDefaultPrivilegesStmt CopyStmt VariableSetStmt VariableShowStmt CreateStmt CreateTableSpaceStmt DropTableSpaceStmt AlterTableSpaceOptionsStmt "
        + "AlterTableMoveAllStmt CreateExtensionStmt AlterExtensionStmt AlterExtensionContentsStmt CreateFdwStmt AlterFdwStmt CreateForeignServerStmt "
        + "AlterForeignServerStmt CreateForeignTableStmt CreateUserMappingStmt AlterUserMappingStmt DropUserMappingStmt ImportForeignSchemaStmt CreatePolicyStmt "
        + "AlterPolicyStmt CreateAmStmt CreateTrigStmt CreateEventTrigStmt AlterEventTrigStmt CreatePLangStmt CreateRoleStmt AlterRoleStmt AlterRoleSetStmt "
        + "DropRoleStmt CreateSeqStmt AlterSeqStmt DefineStmt CreateDomainStmt CreateOpClassStmt CreateOpFamilyStmt AlterOpFamilyStmt DropStmt TruncateStmt "
        + "CommentStmt SecLabelStmt DeclareCursorStmt ClosePortalStmt FetchStmt IndexStmt CreateStatsStmt AlterStatsStmt CreateFunctionStmt AlterFunctionStmt DoStmt "
        + "CallStmt RenameStmt AlterObjectDependsStmt AlterObjectSchemaStmt AlterOwnerStmt AlterOperatorStmt AlterTypeStmt RuleStmt NotifyStmt ListenStmt "
        + "UnlistenStmt TransactionStmt CompositeTypeStmt CreateEnumStmt CreateRangeStmt AlterEnumStmt ViewStmt LoadStmt CreatedbStmt AlterDatabaseStmt "
        + "AlterDatabaseRefreshCollStmt AlterDatabaseSetStmt DropdbStmt AlterSystemStmt ClusterStmt VacuumStmt ExplainStmt CreateTableAsStmt RefreshMatViewStmt "
        + "CheckPointStmt DiscardStmt LockStmt ConstraintsSetStmt ReindexStmt CreateConversionStmt CreateCastStmt CreateTransformStmt PrepareStmt ExecuteStmt "
        + "DeallocateStmt DropOwnedStmt ReassignOwnedStmt AlterTSDictionaryStmt AlterTSConfigurationStmt CreatePublicationStmt AlterPublicationStmt "
        + "CreateSubscriptionStmt AlterSubscriptionStmt DropSubscriptionStmt";

    /// <summary>Nodes that stand where an expression does.</summary>
    private const string Expressions =
        "A_Const ParamRef Integer Float Boolean String BitString SetToDefault SQLValueFunction MergeSupportFunc CurrentOfExpr CaseTestExpr ColumnRef A_Expr BoolExpr NullTest "
        + "BooleanTest TypeCast CollateClause FuncCall NamedArgExpr A_Indirection A_ArrayExpr RowExpr SubLink CaseExpr CoalesceExpr MinMaxExpr GroupingFunc List XmlExpr "
        + "XmlSerialize ResTarget MultiAssignRef A_Indices JsonValueExpr JsonKeyValue JsonArgument JsonBehavior JsonIsPredicate JsonFuncExpr JsonParseExpr JsonScalarExpr "
        + "JsonSerializeExpr JsonObjectConstructor JsonArrayConstructor JsonArrayQueryConstructor JsonObjectAgg JsonArrayAgg";

    /// <summary>Nodes that stand in FROM.</summary>
    private const string FromItems = "RangeVar RangeSubselect RangeFunction RangeTableSample RangeTableFunc JoinExpr JsonTable";

    /// <summary>Nodes that are read as parts of those above.</summary>
    private const string Parts =
        "Alias IntoClause CaseWhen TypeName RoleSpec A_Star SortBy WindowDef RangeTableFuncCol ColumnDef TableLikeClause IndexElem DefElem LockingClause PartitionElem "
        + "PartitionSpec PartitionBoundSpec PartitionRangeDatum PartitionCmd GroupingSet WithClause InferClause OnConflictClause CTESearchClause CTECycleClause CommonTableExpr "
        + "MergeWhenClause ReturningOption ReturningClause TriggerTransition JsonFormat JsonOutput JsonReturning JsonTablePathSpec JsonTableColumn JsonAggConstructor RawStmt ReturnStmt "
        + "AlterTableCmd ATAlterConstraint ReplicaIdentityStmt ObjectWithArgs AccessPriv Constraint CreateOpClassItem StatsElem FunctionParameter VacuumRelation PublicationTable "
        + "PublicationObjSpec ParseResult";

    /// <summary>Nodes that parse analysis, the planner or libpg_query's other calls make; in a raw tree they would be unknown.</summary>
    private const string NeverInRawTrees =
        "ScanResult OidList IntList TableFunc Var Param Aggref WindowFunc WindowFuncRunCondition SubscriptingRef FuncExpr OpExpr DistinctExpr NullIfExpr ScalarArrayOpExpr "
        + "SubPlan AlternativeSubPlan FieldSelect FieldStore RelabelType CoerceViaIO ArrayCoerceExpr ConvertRowtypeExpr CollateExpr ArrayExpr RowCompareExpr JsonConstructorExpr "
        + "JsonExpr JsonTablePath JsonTablePathScan JsonTableSiblingJoin MergeAction CoerceToDomain CoerceToDomainValue NextValueExpr InferenceElem ReturningExpr TargetEntry "
        + "RangeTblRef FromExpr OnConflictExpr Query RangeTblEntry RTEPermissionInfo RangeTblFunction TableSampleClause WithCheckOption SortGroupClause WindowClause RowMarkClause "
        + "SetOperationStmt PLAssignStmt InlineCodeBlock CallContext SummaryResult Table Function FilterColumn ScanToken";

    /// <summary>Node types of PostgreSQL 18's grammar and of libpg_query around it.</summary>
    private const int NodeTypes = 278;

    public static TheoryData<string> StatementTags => [.. Statements.Split(' ')];

    public static TheoryData<string> ExpressionTags => [.. Expressions.Split(' ')];

    public static TheoryData<string> FromTags => [.. FromItems.Split(' ')];

    [Fact]
    public void The_lists_hold_every_node_type_once()
    {
        string[] all = [.. string.Join(' ', Statements, Expressions, FromItems, Parts, NeverInRawTrees).Split(' ')];

        all.Distinct().Count().ShouldBe(all.Length);
        all.Length.ShouldBe(NodeTypes);
    }

    [Theory]
    [MemberData(nameof(StatementTags))]
    public void Every_statement_has_a_decision(string tag)
    {
        Walk walk = NewWalk();

        StatementParts parts = new StatementWalker(walk).Statement(Empty(tag));

        walk.Findings.Notes.ShouldNotContain(n => n.Contains(tag, StringComparison.Ordinal));
        parts.Command.ShouldNotBe("UNKNOWN");
        parts.Command.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(ExpressionTags))]
    public void Every_expression_has_a_decision(string tag)
    {
        Walk walk = NewWalk();

        walk.Expressions.Value(Empty(tag), new Scope(null, null));

        walk.Findings.Notes.ShouldNotContain(n => n.Contains($"{Unfamiliar} the construct {tag}", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(FromTags))]
    public void Every_item_of_FROM_has_a_decision(string tag)
    {
        Walk walk = NewWalk();

        walk.From.Item(Empty(tag), new Scope(null, null));

        walk.Findings.Notes.ShouldNotContain(n => n.Contains($"{Unfamiliar} the construct {tag}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("FuturisticStmt")]
    [InlineData("Query")]
    public void A_node_that_is_not_known_is_unknown(string tag)
    {
        Walk statement = NewWalk();
        new StatementWalker(statement).Statement(Empty(tag));
        statement.Findings.Effects.HasFlag(Effects.Unknown).ShouldBeTrue();

        Walk expression = NewWalk();
        expression.Expressions.Value(Empty(tag), new Scope(null, null)).IsProvable.ShouldBeFalse();
        expression.Findings.Effects.HasFlag(Effects.Unknown).ShouldBeTrue();
    }

    private Walk NewWalk()
    {
        var context = new AnalysisContext(null, ["public"], "u", TemporaryObjects.None, 0);
        return new Walk(new AnalysisRun(fixture.Parser, context, []), new NameResolver(null, ["public"], "u", TemporaryObjects.None), new Findings());
    }

    private static SqlNode Empty(string tag) => SqlNode.Unwrap(JsonDocument.Parse("{\"" + tag + "\":{}}").RootElement);
}
