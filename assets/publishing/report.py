"""What a person wants to see of a published draft in Dagster: money per currency and a picture of it.

Belongs here: reading published figures for metadata. Belongs elsewhere: publishing them (``publish``).
"""

import base64

import psycopg

from assets.money import Money, major_units

MONEY_SQL = {
    "fct_customer_bills": """
        select currency_code, count(*), sum(net_minor)::bigint, sum(tax_minor)::bigint, sum(gross_minor)::bigint
        from published.fct_customer_bills where bill_run_id = %s group by 1 order by 1
    """,
    "fct_party_settlements": """
        select currency_code, count(*), sum(position_minor)::bigint, sum(tax_minor)::bigint, sum(payment_minor)::bigint
        from published.fct_party_settlements where bill_run_id = %s group by 1 order by 1
    """,
}
COLUMNS = {
    "fct_customer_bills": ("bills", "net_minor", "tax_minor", "gross_minor"),
    "fct_party_settlements": ("settlements", "position_minor", "tax_minor", "payment_minor"),
}


def money_per_currency(connection: psycopg.Connection, bill_run_id: int) -> dict[str, dict[str, dict[str, int]]]:
    """``{table: {currency: {count and sums in minor units}}}`` of a published run."""
    return {
        table: {
            currency: dict(zip(COLUMNS[table], figures, strict=True))
            for currency, *figures in connection.execute(sql, [bill_run_id]).fetchall()
        }
        for table, sql in MONEY_SQL.items()
    }


def money_chart_markdown(connection: psycopg.Connection, bill_run_id: int) -> str:
    """Charges by service and currency as a bar chart, an image inside markdown; each currency has its own scale."""
    rows = connection.execute(
        """
        select currency_code, service_kind, sum(amount_minor)::bigint
        from published.fct_applied_billing_rates
        where bill_run_id = %s
        group by currency_code, service_kind
        order by currency_code, service_kind
        """,
        [bill_run_id],
    ).fetchall()
    if not rows:
        return "No charges."
    import vl_convert

    chart = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {
            "values": [{"currency": c, "service": s, "amount": str(major_units(Money(a, c)))} for c, s, a in rows]
        },
        "transform": [{"calculate": "toNumber(datum.amount)", "as": "net"}],
        "facet": {"field": "currency", "type": "nominal", "columns": 5, "title": "Charges before tax, by service"},
        "spec": {
            "width": 150,
            "height": 130,
            "mark": "bar",
            "encoding": {
                "y": {"field": "service", "type": "nominal", "title": None},
                "x": {"field": "net", "type": "quantitative", "title": None},
                "color": {"field": "service", "type": "nominal", "legend": None},
            },
        },
        "resolve": {"scale": {"x": "independent"}},
    }
    png = vl_convert.vegalite_to_png(chart, scale=1.5)
    return f"![charges by service](data:image/png;base64,{base64.b64encode(png).decode()})"
