// Draws the lines of a chart from the JSON beside it; the table beneath holds the same figures and stays without scripts.
(function () {
  "use strict";

  const colours = { main: "#1a7f4e", goal: "#1c252e", before: "#c07f1e" };
  // Colour never alone: each line has its own stroke and mark.
  const strokes = { main: "solid", goal: "dashed", before: "dotted" };
  const marks = { main: "circle", goal: "none", before: "diamond" };

  function told(value) {
    return value === null || value === undefined || value === "-" ? "—" : Number(value).toLocaleString("zh-CN");
  }

  function series(line) {
    return {
      name: line.name,
      type: "line",
      data: line.values,
      connectNulls: false,
      symbol: marks[line.kind],
      symbolSize: 6,
      showSymbol: line.kind !== "goal",
      lineStyle: { type: strokes[line.kind], width: line.kind === "main" ? 2.5 : 1.5, color: colours[line.kind] },
      itemStyle: { color: colours[line.kind] },
    };
  }

  // The line to the target has no marks, in the drawing as in its key.
  function key(line) {
    return line.kind === "goal" ? { name: line.name, itemStyle: { opacity: 0 } } : { name: line.name };
  }

  // What is counted so far goes up to today in the running month, the other lines to its end.
  function named(point, until) {
    return point.seriesIndex === 0 && until ? point.seriesName + "（截至 " + until + "）" : point.seriesName;
  }

  function month(text) {
    const parts = text.split("-");
    return parts[1] === "01" ? parts[0] + " 年\n1 月" : Number(parts[1]) + " 月";
  }

  // Every how many months one is named, by the room that each has.
  function every(room) {
    return room > 44 ? 1 : room > 16 ? 3 : 6;
  }

  function options(data, width) {
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: "#1c252e" },
      grid: { left: 8, right: 16, top: 34, bottom: 8, containLabel: true },
      legend: { top: 0, left: 0, itemWidth: 28, data: data.lines.map(key) },
      tooltip: {
        trigger: "axis",
        // As part of the drawing: a tooltip made of HTML would bring styles that the page's policy refuses.
        renderMode: "richText",
        formatter: function (points) {
          const at = points[0].axisValue;
          const lines = points.map((point) => named(point, data.until[at]) + "：" + told(point.value) + " 个");
          return [at.replace("-", " 年 ") + " 月末", ...lines].join("\n");
        },
      },
      xAxis: {
        type: "category",
        data: data.months,
        boundaryGap: false,
        axisLabel: {
          color: "#5c6773",
          formatter: month,
          interval: (index) => index % every(width() / data.months.length) === 0,
        },
      },
      yAxis: { type: "value", minInterval: 1, axisLabel: { color: "#5c6773" } },
      series: data.lines.map(series),
    };
  }

  function draw(place) {
    const chart = window.echarts.init(place, null, { renderer: "svg" });
    chart.setOption(options(JSON.parse(place.dataset.chart), () => chart.getWidth()));
    const scale = () => place.querySelector("svg").setAttribute("viewBox", "0 0 " + chart.getWidth() + " " + chart.getHeight());
    scale();
    // On paper the style sheet fits the drawing to the page; drawn anew for its width, the letters keep their size.
    chart.on("finished", scale);
    const fit = () => chart.resize({ width: "auto", height: "auto" });
    window.addEventListener("resize", fit);
    window.addEventListener("beforeprint", function () {
      chart.resize({ width: 700, height: 280 });
      chart.getZr().flush();
      scale();
    });
    window.addEventListener("afterprint", fit);
  }

  document.querySelectorAll("[data-chart]").forEach(draw);
})();
