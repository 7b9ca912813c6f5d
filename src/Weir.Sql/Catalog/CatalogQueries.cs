using System.Collections.Immutable;

namespace Weir.Sql.Catalog;

/// <summary>
/// What the agent asks a server to learn its catalog, on a connection of its own: <see cref="Prepare"/>, then in one
/// transaction (<see cref="Begin"/> … <see cref="End"/>) <see cref="Probe"/> and <see cref="All"/>. Every value is read as text.
/// </summary>
public static class CatalogQueries
{
    /// <summary>A section with more rows than this makes the snapshot incomplete: names that it misses stay unknown.</summary>
    public const int MaxRows = 400_000;

    /// <summary>
    /// Once per connection. With nothing but <c>pg_catalog</c> on the path, definitions come back with every other name qualified,
    /// which is what their analysis relies on.
    /// </summary>
    public const string Prepare =
        "SET search_path = pg_catalog; SET statement_timeout = '30s'; SET lock_timeout = '5s'; SET standard_conforming_strings = on; SET client_encoding = 'UTF8'; "
        + "SET DateStyle = ISO; SET bytea_output = hex; SET quote_all_identifiers = off";

    public const string Begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

    public const string End = "COMMIT";

    /// <summary>
    /// One row, one column. The answer changes whenever a committed transaction changed something that a snapshot holds:
    /// every changed catalog row gets a newer <c>xmin</c> than any it replaces, so that the sum grows or the count differs.
    /// Temporary objects are left out, else every CREATE TEMP TABLE of anybody would make the snapshot look stale.
    /// </summary>
    public const string Probe =
        """
        WITH own AS MATERIALIZED (SELECT c.oid, c.xmin FROM pg_class c WHERE c.relpersistence <> 't' AND c.relkind IN ('r','p','v','m','f','S','c'))
        SELECT concat_ws(',',
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM own),
          (SELECT count(*) || ':' || coalesce(sum(a.xmin::text::bigint), 0) FROM pg_attribute a JOIN own ON own.oid = a.attrelid),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'),
          (SELECT count(*) || ':' || coalesce(sum(t.xmin::text::bigint), 0) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE n.nspname !~ '^pg_(toast_)?temp_'),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_proc),
          (SELECT count(*) || ':' || coalesce(sum(r.xmin::text::bigint), 0) FROM pg_rewrite r JOIN own ON own.oid = r.ev_class),
          (SELECT count(*) || ':' || coalesce(sum(t.xmin::text::bigint), 0) FROM pg_trigger t JOIN own ON own.oid = t.tgrelid),
          (SELECT count(*) || ':' || coalesce(sum(k.xmin::text::bigint), 0) FROM pg_constraint k WHERE k.conrelid = 0 OR k.conrelid IN (SELECT oid FROM own)),
          (SELECT count(*) || ':' || coalesce(sum(i.xmin::text::bigint), 0) FROM pg_index i JOIN own ON own.oid = i.indrelid WHERE i.indisunique OR i.indisexclusion OR i.indexprs IS NOT NULL OR i.indpred IS NOT NULL),
          (SELECT count(*) || ':' || coalesce(sum(d.xmin::text::bigint), 0) FROM pg_attrdef d JOIN own ON own.oid = d.adrelid),
          (SELECT count(*) || ':' || coalesce(sum(i.xmin::text::bigint), 0) FROM pg_inherits i JOIN own ON own.oid = i.inhrelid),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_policy),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_operator),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_cast),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_aggregate),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_amproc),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_amop),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_extension),
          (SELECT count(*) || ':' || coalesce(sum(xmin::text::bigint), 0) FROM pg_event_trigger))
        """;

    /// <summary>In the order in which they are to be run; the builder takes them in any.</summary>
    public static ImmutableArray<CatalogQuery> All { get; } =
    [
        new(CatalogSection.Server, "SELECT current_setting('server_version_num'), current_database()"),
        new(CatalogSection.Schemas, "SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp_|toast_temp_)'" + Bound),
        new(CatalogSection.Types,
            """
            SELECT t.oid, t.typname, t.typnamespace, t.typtype, t.typelem, t.typrelid, t.typbasetype, t.typcategory, t.typtypmod,
              CASE WHEN t.typtype = 'e' THEN ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)::text END
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            WHERE n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            """ + Bound),
        new(CatalogSection.Relations,
            """
            SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.relrowsecurity, c.reltype,
              CASE WHEN c.relkind IN ('v','m') AND c.oid >= 16384 THEN pg_get_viewdef(c.oid) END
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r','p','v','m','f','S','c') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            """ + Bound),
        new(CatalogSection.Columns,
            """
            SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.attnotnull, a.attgenerated, a.attidentity,
              CASE WHEN a.atthasdef AND c.oid >= 16384 THEN pg_get_expr(d.adbin, d.adrelid) END, a.atttypmod
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','v','m','f','S','c') AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            ORDER BY a.attrelid, a.attnum
            """ + Bound),
        new(CatalogSection.Inheritance, "SELECT inhrelid, inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE c.relkind IN ('r','p','f')" + Bound),
        new(CatalogSection.Constraints,
            """
            SELECT conrelid, contypid, contype, confrelid, confdeltype, confupdtype,
              CASE WHEN contype = 'c' THEN pg_get_constraintdef(oid) END, conkey::text, confkey::text
            FROM pg_constraint WHERE oid >= 16384 AND contype IN ('c','f')
            """ + Bound),
        new(CatalogSection.Rules, "SELECT ev_class, rulename, ev_type, is_instead, pg_get_ruledef(oid) FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_enabled <> 'D' AND ev_class >= 16384" + Bound),
        new(CatalogSection.Triggers, "SELECT tgrelid, tgname, tgfoid, tgtype, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'" + Bound),
        new(CatalogSection.Policies, "SELECT polrelid, polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy" + Bound),
        new(CatalogSection.Functions,
            """
            SELECT p.oid, p.proname, p.pronamespace, p.prokind, p.provolatile, p.proretset, p.prorettype, p.proargtypes::text,
              p.proallargtypes::text, p.proargmodes::text, p.proargnames::text, p.pronargdefaults, p.provariadic, l.lanname,
              CASE WHEN p.oid >= 16384 AND l.lanname IN ('sql','plpgsql') THEN p.prosrc END,
              CASE WHEN p.oid >= 16384 AND l.lanname = 'sql' THEN pg_get_function_sqlbody(p.oid) END,
              array_to_string(p.proconfig, E'\n'),
              CASE WHEN p.oid >= 16384 THEN (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
                WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' LIMIT 1) END,
              CASE WHEN p.oid >= 16384 AND p.pronargdefaults > 0 THEN pg_get_expr(p.proargdefaults, 0) END
            FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE n.nspname !~ '^pg_(toast|temp_|toast_temp_)'
            """ + Bound),
        new(CatalogSection.Aggregates,
            "SELECT aggfnoid::oid, aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid, aggserialfn::oid, aggdeserialfn::oid, aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid FROM pg_aggregate WHERE aggfnoid::oid >= 16384" + Bound),
        new(CatalogSection.OperatorNames, "SELECT DISTINCT oprname FROM pg_operator WHERE oid < 16384"),
        new(CatalogSection.Operators, "SELECT oprname, oprnamespace, oprcode::oid FROM pg_operator WHERE oid >= 16384" + Bound),
        new(CatalogSection.Casts, "SELECT castsource, casttarget, castfunc, castcontext FROM pg_cast WHERE oid >= 16384" + Bound),
        new(CatalogSection.SupportFunctions,
            """
            SELECT amproc::oid FROM pg_amproc WHERE amproc::oid >= 16384
            UNION SELECT o.oprcode::oid FROM pg_operator o JOIN pg_amop a ON a.amopopr = o.oid WHERE o.oprcode::oid >= 16384
            UNION SELECT o.oprcode::oid FROM pg_constraint k CROSS JOIN LATERAL unnest(k.conexclop || k.conpfeqop || k.conppeqop || k.conffeqop) AS used JOIN pg_operator o ON o.oid = used
              WHERE o.oprcode::oid >= 16384
            """ + Bound),
        new(CatalogSection.StoredExpressions,
            """
            SELECT i.indrelid, pg_get_expr(i.indexprs, i.indrelid), pg_get_expr(i.indpred, i.indrelid) FROM pg_index i WHERE i.indrelid >= 16384 AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
            UNION ALL SELECT p.partrelid, pg_get_expr(p.partexprs, p.partrelid), NULL FROM pg_partitioned_table p WHERE p.partexprs IS NOT NULL
            """ + Bound),
        new(CatalogSection.UniqueColumns,
            """
            SELECT i.indrelid, k.number FROM pg_index i CROSS JOIN LATERAL (
              SELECT unnest((string_to_array(i.indkey::text, ' ')::int[])[1:i.indnkeyatts]) AS number
              UNION SELECT d.refobjsubid FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid) k
            WHERE (i.indisunique OR i.indisexclusion) AND i.indrelid >= 16384 AND k.number > 0
            """ + Bound),
        new(CatalogSection.EventTriggers, "SELECT evtname, evtevent, evtfoid FROM pg_event_trigger WHERE evtenabled <> 'D'" + Bound),
    ];

    private const string Bound = " LIMIT 400001";
}
