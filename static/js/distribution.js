// 目标分解: the sum of the numbers, and what it lacks, while they are typed.
(function () {
  "use strict";

  const form = document.querySelector("[data-sums]");
  const sum = form && form.querySelector("[data-sum]");
  if (!sum) return;
  const verdict = form.querySelector("[data-sum-verdict]");

  form.addEventListener("input", function () {
    const total = [...form.querySelectorAll("[data-summand]")].reduce((before, one) => before + (Number(one.value) || 0), 0);
    const missing = Number(verdict.dataset.whole) - total;
    sum.textContent = String(total);
    verdict.textContent = missing > 0 ? "还差 " + missing + " 个" : missing < 0 ? "多 " + -missing + " 个" : "正好";
    verdict.classList.toggle("text-danger", missing !== 0);
    verdict.classList.toggle("text-success", missing === 0);
  });
})();
